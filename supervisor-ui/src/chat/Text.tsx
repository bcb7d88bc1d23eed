import { useTranslation } from "react-i18next";
import { pieces } from "../ui/links";
import css from "./Message.module.css";
import "./words";

/** What somebody wrote: plain text with its line breaks; addresses of the web can be opened. */
export function Text({ children }: { children: string }) {
  const { t } = useTranslation("chat");
  return (
    <p className={css["text"]} dir="auto">
      {pieces(children).map((piece, index) =>
        piece.kind === "text" ? (
          piece.text
        ) : (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
            <span className="vh"> ({t("newTab")})</span>
          </a>
        ),
      )}
    </p>
  );
}
