import { Languages, Moon, Sun, SunMoon } from "lucide-react";
import { type ReactNode, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate } from "../browser/address";
import { setTheme, storedTheme, THEMES } from "../browser/theme";
import { language, LANGUAGES, setLanguage } from "../i18n";
import type { Connection } from "../live/state";
import { useSession } from "../session/session";
import { PlainButton } from "../ui/Button";
import { Link } from "../ui/Link";
import { ChoiceMenu, MenuButton } from "../ui/Menu";
import { initials } from "../ui/names";
import css from "./Bar.module.css";
import { SidePagesContext } from "./Rail";

const LANGUAGE_NAMES = { en: "English", ja: "日本語" };
const THEME_ICONS = { auto: SunMoon, light: Sun, dark: Moon };

export interface BarProps {
  title: string;
  connection: Connection;
  /** More about the connection, such as its delay. */
  detail?: ReactNode;
  /** The middle: who hears the user, or what the user is. */
  children?: ReactNode;
  /** Icon buttons before language and theme. */
  tools?: ReactNode;
}

/** The bar at the top of every page of the staff. */
export function Bar({ title, connection, detail, children, tools }: BarProps) {
  const { t } = useTranslation();
  return (
    <header className={css["bar"]}>
      <Link className={css["logo"]} href="/" aria-label={t("home")}>
        sotto
      </Link>
      <h1 className={css["title"]}>{title}</h1>
      <span className={css["live"]} data-connection={connection.kind}>
        {t(connection.kind === "live" ? "connected" : connection.kind === "lost" ? "reconnecting" : "connecting")}
        {detail}
      </span>
      <div className={css["middle"]}>{children}</div>
      <span className={css["tools"]}>
        {tools}
        <LanguageMenu />
        <ThemeMenu />
      </span>
      <AccountMenu />
    </header>
  );
}

export function LanguageMenu({ worded = false }: { worded?: boolean }) {
  const { t } = useTranslation();
  const choices = LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
  return (
    <ChoiceMenu
      label={t("language")}
      icon={<Languages size={18} aria-hidden="true" />}
      choices={choices}
      chosen={language()}
      onChoose={setLanguage}
      worded={worded}
    />
  );
}

function ThemeMenu() {
  const { t } = useTranslation();
  const [theme, setShown] = useState(storedTheme);
  const Icon = THEME_ICONS[theme];
  return (
    <ChoiceMenu
      label={t("theme")}
      icon={<Icon size={18} aria-hidden="true" />}
      choices={THEMES.map((id) => ({ id, label: t(`themes.${id}`) }))}
      chosen={theme}
      onChoose={(next) => {
        setTheme(next);
        setShown(next);
      }}
    />
  );
}

/** Who is signed in, their own pages, and the way out. */
function AccountMenu() {
  const { t } = useTranslation();
  const { user, signOut } = useSession();
  const own = useContext(SidePagesContext).filter(({ inAccountMenu }) => inAccountMenu);
  return (
    <MenuButton
      label={t("account")}
      head={
        <>
          <b>{user.name}</b>
          {user.username}
        </>
      }
      entries={[
        ...own.map(({ href, label }) => ({ id: href, label, onSelect: () => navigate(href) })),
        { id: "out", label: t("signOut"), onSelect: signOut },
      ]}
      trigger={(props) => (
        <PlainButton className={css["me"]} {...props}>
          <span className="vh">{t("account")}: </span>
          <span className={css["avatar"]} aria-hidden="true">
            {initials(user.name)}
          </span>
          <span className={css["name"]}>{user.name}</span>
        </PlainButton>
      )}
    />
  );
}
