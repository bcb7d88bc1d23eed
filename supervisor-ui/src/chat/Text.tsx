import { useTranslation } from "react-i18next";
import { stretches } from "./links";
import css from "./Message.module.css";
import "./words";

/** What somebody wrote: plain text with its line breaks; addresses of the web can be opened. */
export function Text({ children }: { children: string }) {
  const { t } = useTranslation("chat");
  return (
    <p className={css["text"]} dir="auto">
      {stretches(children).map(({ text, href }, index) =>
        href === undefined ? text : (
          <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
            {text}
            <span className="vh"> ({t("newTab")})</span>
          </a>
        ),
      )}
    </p>
  );
}
