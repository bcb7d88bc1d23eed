import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading, Switch } from "react-aria-components";
import { assignable, capOf, chordOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Kbd } from "../../ui/Kbd";
import { SUPERVISOR_ACTIONS, type SupervisorAction, supervisorKeys } from "./keys";
import css from "./ShortcutsDialog.module.css";

/** All shortcuts: to read, to change, to switch off. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const { enabled } = useKeySettings(supervisorKeys);
  const [changing, setChanging] = useState<SupervisorAction | null>(null);
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <div className={css["dialog"]}>
        <Heading slot="title" className={css["title"] ?? ""}>
          {t("shortcuts.title")}
        </Heading>
        <Switch className={css["switch"] ?? ""} isSelected={enabled} onChange={(on) => supervisorKeys.enable(on)}>
          <span className={css["track"]} aria-hidden="true" />
          {t("shortcuts.enable")}
        </Switch>
        <p className="muted">{t("shortcuts.hint")}</p>
        <ul>
          <li>
            <span>{t("shortcuts.rows")}</span>
            <span>
              <Kbd>↑</Kbd> <Kbd>↓</Kbd> <Kbd>↵</Kbd>
            </span>
          </li>
          {SUPERVISOR_ACTIONS.map((action) => (
            <KeyRow key={action} action={action} changing={changing === action} onChange={setChanging} />
          ))}
        </ul>
        <div className={css["actions"]}>
          <Button kind="quiet" onPress={() => supervisorKeys.reset()}>
            {t("shortcuts.reset")}
          </Button>
          <Button kind="primary" onPress={onClose}>
            {common("close")}
          </Button>
        </div>
      </div>
    </Dialog>
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
