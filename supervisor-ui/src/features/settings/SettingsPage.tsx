import { useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { setTheme, storedTheme, THEMES } from "../../browser/theme";
import { language, LANGUAGES, setLanguage } from "../../i18n";
import { useSession } from "../../session/session";
import { NotifyButton } from "../../shell/NotifyButton";
import { ShortcutsContext } from "../../shell/Rail";
import { Button } from "../../ui/Button";
import { ChoiceField } from "../../ui/Filters";
import { PasswordSection } from "./PasswordSection";
import css from "./Settings.module.css";
import { SignInsSection } from "./SignInsSection";
import { SoundSection } from "./SoundSection";
import "./problems";
import "./words";

export interface SettingsPageProps {
  /** The role's page notifies of what arrives while nobody looks. */
  notifies?: boolean;
}

/** One's own settings: account, sign-ins, and what this browser keeps. Without bar and rail. */
export function SettingsPage({ notifies = false }: SettingsPageProps) {
  const { t } = useTranslation("settings");
  const { t: common } = useTranslation();
  const { user } = useSession();
  const openShortcuts = useContext(ShortcutsContext);
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
            <Look />
          </section>
          <SoundSection rings={user.permissions.includes("take_calls")} />
          {notifies && (
            <section className={css["section"]} aria-labelledby="settings-notifications">
              <h3 id="settings-notifications">{t("notifications.title")}</h3>
              <p>
                <NotifyButton />
              </p>
            </section>
          )}
          <section className={css["section"]} aria-labelledby="settings-shortcuts">
            <h3 id="settings-shortcuts">{t("shortcuts.title")}</h3>
            <p className={css["buttons"]}>
              {openShortcuts && <Button onPress={openShortcuts}>{t("shortcuts.open")}</Button>}
            </p>
          </section>
        </div>
      </div>
    </div>
  );
}

const LANGUAGE_NAMES = { en: "English", ja: "日本語" };

/** As in the bar's menus: it counts at once, and stays in this browser. */
function Look() {
  const { t } = useTranslation();
  const [theme, setShown] = useState(storedTheme);
  return (
    <p className={css["buttons"]}>
      <ChoiceField
        label={t("language")}
        options={LANGUAGES.map((id) => ({ id, name: LANGUAGE_NAMES[id] }))}
        value={language()}
        onChange={(next) => next !== "" && setLanguage(next)}
      />
      <ChoiceField
        label={t("theme")}
        options={THEMES.map((id) => ({ id, name: t(`themes.${id}`) }))}
        value={theme}
        onChange={(next) => {
          if (next === "") return;
          setTheme(next);
          setShown(next);
        }}
      />
    </p>
  );
}
