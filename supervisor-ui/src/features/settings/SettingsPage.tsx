import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { LanguageMenu, ThemeMenu } from "../../shell/Bar";
import { Button } from "../../ui/Button";
import { PasswordSection } from "./PasswordSection";
import css from "./Settings.module.css";
import { SignInsSection } from "./SignInsSection";
import { SoundSection } from "./SoundSection";
import "./words";

/** A dialog of the role's own page, which is opened from here, too. */
export interface SettingsDialog {
  name: "keys" | "signs";
  show: (onClose: () => void) => ReactNode;
}

export interface SettingsPageProps {
  dialogs: readonly SettingsDialog[];
  /** Whether one is notified, where the role's page does that. */
  notifications?: ReactNode;
}

/** One's own settings: account, sign-ins, and what this browser keeps. Without bar and rail. */
export function SettingsPage({ dialogs, notifications }: SettingsPageProps) {
  const { t } = useTranslation("settings");
  const { t: common } = useTranslation();
  const { user } = useSession();
  const [open, setOpen] = useState<SettingsDialog | null>(null);
  return (
    <div className={css["page"]}>
      <header>
        <h2>{common("pages.settings")}</h2>
        <p className="muted">{t("about", { name: user.name, username: user.username })}</p>
      </header>
      <div className={css["columns"]}>
        <div className={css["column"]}>
          <SignInsSection />
          <PasswordSection />
        </div>
        <div className={css["column"]}>
          <section className={css["section"]} aria-labelledby="settings-look">
            <h3 id="settings-look">{t("look.title")}</h3>
            <p className={css["buttons"]}>
              <LanguageMenu worded />
              <ThemeMenu worded />
            </p>
          </section>
          <SoundSection rings={user.permissions.includes("take_calls")} />
          {notifications && (
            <section className={css["section"]} aria-labelledby="settings-notifications">
              <h3 id="settings-notifications">{t("notifications.title")}</h3>
              <p>{notifications}</p>
            </section>
          )}
          <section className={css["section"]} aria-labelledby="settings-dialogs">
            <h3 id="settings-dialogs">{t("dialogs.title")}</h3>
            <p className={css["buttons"]}>
              {dialogs.map((dialog) => (
                <Button key={dialog.name} onPress={() => setOpen(dialog)}>
                  {t(`dialogs.${dialog.name}`)}
                </Button>
              ))}
            </p>
          </section>
        </div>
      </div>
      {open?.show(() => setOpen(null))}
    </div>
  );
}
