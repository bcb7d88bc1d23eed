import { useTranslation } from "react-i18next";
import { capOf } from "../../keys/keymap";
import { ShortcutsFrame } from "../../keys/ShortcutsFrame";
import { useKeySettings } from "../../keys/settings";
import { Kbd } from "../../ui/Kbd";
import { AGENT_ACTIONS, agentKeys } from "./keys";

/** The shortcuts: to read, and to switch off. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("agent");
  const { map } = useKeySettings(agentKeys);
  return (
    <ShortcutsFrame
      settings={agentKeys}
      title={t("shortcuts.title")}
      enable={t("shortcuts.enable")}
      isOpen={isOpen}
      onClose={onClose}
    >
      {AGENT_ACTIONS.map((action) => (
        <li key={action}>
          <span>{t(`shortcuts.actions.${action}`)}</span>
          <span>
            <span className="vh">{capOf(map[action])}</span>
            <Kbd>{capOf(map[action])}</Kbd>
          </span>
        </li>
      ))}
    </ShortcutsFrame>
  );
}
