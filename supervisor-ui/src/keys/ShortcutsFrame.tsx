import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Dialog, DialogTitle } from "../ui/Dialog";
import css from "./ShortcutsFrame.module.css";
import { type KeySettings, useKeySettings } from "./settings";

export interface ShortcutsFrameProps<A extends string> {
  settings: KeySettings<A>;
  title: string;
  /** What the switch says. */
  enable: string;
  hint?: string;
  isOpen: boolean;
  onClose: () => void;
  /** Beside Close. */
  actions?: ReactNode;
  /** One `li` a shortcut. */
  children: ReactNode;
}

/** The dialog of a page's shortcuts, with the switch for all of them. */
export function ShortcutsFrame<A extends string>({
  settings,
  title,
  enable,
  hint,
  isOpen,
  onClose,
  actions,
  children,
}: ShortcutsFrameProps<A>) {
  const { t } = useTranslation();
  const { enabled } = useKeySettings(settings);
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <div className={css["dialog"]}>
        <DialogTitle className={css["title"] ?? ""}>{title}</DialogTitle>
        <label className={css["switch"]} data-selected={enabled || undefined}>
          <input
            type="checkbox"
            role="switch"
            aria-checked={enabled}
            className="vh"
            checked={enabled}
            onChange={(event) => settings.enable(event.target.checked)}
          />
          <span className={css["track"]} aria-hidden="true" />
          {enable}
        </label>
        {hint && <p className="muted">{hint}</p>}
        <ul>{children}</ul>
        <div className={css["actions"]}>
          {actions}
          <Button kind="primary" onPress={onClose}>
            {t("close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
