import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { assignable, capOf, chordOf } from "../../keys/keymap";
import { ShortcutsFrame } from "../../keys/ShortcutsFrame";
import css from "../../keys/ShortcutsFrame.module.css";
import { useKeySettings } from "../../keys/settings";
import { Button } from "../../ui/Button";
import { Kbd } from "../../ui/Kbd";
import { SUPERVISOR_ACTIONS, type SupervisorAction, supervisorKeys } from "./model/keys";

/** All shortcuts: to read, to change, to switch off. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("supervisor");
  const [changing, setChanging] = useState<SupervisorAction | null>(null);
  const reset = (
    <Button kind="quiet" onPress={() => supervisorKeys.reset()}>
      {t("shortcuts.reset")}
    </Button>
  );
  return (
    <ShortcutsFrame
      settings={supervisorKeys}
      title={t("shortcuts.title")}
      enable={t("shortcuts.enable")}
      hint={t("shortcuts.hint")}
      isOpen={isOpen}
      onClose={onClose}
      actions={reset}
    >
      <li>
        <span>{t("shortcuts.rows")}</span>
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> <Kbd>↵</Kbd>
        </span>
      </li>
      {SUPERVISOR_ACTIONS.map((action) => (
        <KeyRow key={action} action={action} changing={changing === action} onChange={setChanging} />
      ))}
    </ShortcutsFrame>
  );
}

interface KeyRowProps {
  action: SupervisorAction;
  changing: boolean;
  onChange: (action: SupervisorAction | null) => void;
}

function KeyRow({ action, changing, onChange }: KeyRowProps) {
  const { t } = useTranslation("supervisor");
  const { map } = useKeySettings(supervisorKeys);
  const name = t(`shortcuts.actions.${action}`);
  const capture = (event: KeyboardEvent) => {
    if (!changing) return;
    if (event.key === "Escape") event.stopPropagation();
    else if (!assignable(event)) return;
    else supervisorKeys.remap(action, chordOf(event));
    event.preventDefault();
    onChange(null);
  };
  return (
    <li>
      <span>{name}</span>
      <button
        type="button"
        className={css["key"]}
        aria-label={`${t("shortcuts.change", { action: name })} (${map[action]})`}
        onClick={() => onChange(changing ? null : action)}
        onKeyDown={capture}
        onBlur={() => changing && onChange(null)}
      >
        {changing ? <span className={css["press"]}>{t("shortcuts.press")}</span> : <Kbd>{capOf(map[action])}</Kbd>}
      </button>
    </li>
  );
}
