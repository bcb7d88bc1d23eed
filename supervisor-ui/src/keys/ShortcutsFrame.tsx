import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Heading, Switch } from "react-aria-components";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
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
        <Heading slot="title" className={css["title"] ?? ""}>
          {title}
        </Heading>
        <Switch className={css["switch"] ?? ""} isSelected={enabled} onChange={(on) => settings.enable(on)}>
          <span className={css["track"]} aria-hidden="true" />
          {enable}
        </Switch>
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
