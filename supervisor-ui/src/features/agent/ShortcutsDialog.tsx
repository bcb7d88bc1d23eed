import { useTranslation } from "react-i18next";
import { Heading, Switch } from "react-aria-components";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Kbd } from "../../ui/Kbd";
import { AGENT_ACTIONS, agentKeys } from "./keys";
import css from "./ShortcutsDialog.module.css";

/** The shortcuts: to read, and to switch off. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const { enabled, map } = useKeySettings(agentKeys);
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <div className={css["dialog"]}>
        <Heading slot="title" className={css["title"] ?? ""}>{t("shortcuts.title")}</Heading>
        <Switch className={css["switch"] ?? ""} isSelected={enabled} onChange={(on) => agentKeys.enable(on)}>
          <span className={css["track"]} aria-hidden="true" />
          {t("shortcuts.enable")}
        </Switch>
        <ul>
          {AGENT_ACTIONS.map((action) => (
            <li key={action}>
              <span>{t(`shortcuts.actions.${action}`)}</span>
              <span><span className="vh">{capOf(map[action])}</span><Kbd>{capOf(map[action])}</Kbd></span>
            </li>
          ))}
        </ul>
        <div className={css["actions"]}>
          <Button kind="primary" onPress={onClose}>{common("close")}</Button>
        </div>
      </div>
    </Dialog>
  );
}
