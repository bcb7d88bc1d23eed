import { Languages } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, language, setLanguage } from "../i18n";
import css from "./GuestPage.module.css";
import { ChoiceMenu } from "./Menu";

const LANGUAGE_NAMES = { en: "English", ja: "日本語" };

export interface GuestFrameProps {
  /** For the browser's tab. */
  title: string;
  footer?: ReactNode;
  /** Whose page it is; empty: nobody has said. */
  brand?: { readonly name: string; readonly accent: string };
  children: ReactNode;
}

/** What stands around the page of somebody who calls or writes. */
export function GuestFrame({ title, footer, brand, children }: GuestFrameProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${brand?.name || "Sotto"}`;
  }, [title, brand?.name]);
  const choices = LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
  return (
    <div className={css["page"]}>
      <header className={css["header"]}>
        {brand?.name ? (
          <span className={css["brand"]} data-coloured={brand.accent === "" ? undefined : ""}>
            {brand.name}
          </span>
        ) : (
          <span className={css["logo"]}>sotto</span>
        )}
        <ChoiceMenu
          label={t("language")}
          icon={
            <>
              <Languages size={18} aria-hidden="true" />
              {LANGUAGE_NAMES[language()]}
            </>
          }
          choices={choices}
          chosen={language()}
          onChoose={setLanguage}
        />
      </header>
      <main className={css["main"]}>{children}</main>
      {footer && <footer className={css["footer"]}>{footer}</footer>}
    </div>
  );
}
