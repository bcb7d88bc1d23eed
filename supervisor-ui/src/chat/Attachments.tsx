import { Download, FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { AttachmentView } from "../wire/generated";
import css from "./Message.module.css";
import { sizeOf } from "./uploads";

/** What is attached: pictures are shown, the rest can be fetched. `href` tells where it lies. */
export function Attachments({
  attachments,
  href,
}: {
  attachments: readonly AttachmentView[];
  href: (attachment: AttachmentView) => string;
}) {
  const { t } = useTranslation("chat");
  if (attachments.length === 0) return null;
  return (
    <ul className={css["attachments"]}>
      {attachments.map((attachment) => {
        const { id, name, media_type, size_bytes } = attachment;
        const size = sizeOf(size_bytes);
        return (
          <li key={id}>
            {media_type.startsWith("image/") ? (
              <a href={href(attachment)} target="_blank" rel="noopener noreferrer">
                <img className={css["picture"]} src={href(attachment)} alt={t("file.image", { name })} loading="lazy" />
              </a>
            ) : (
              <a
                className={css["file"]}
                href={href(attachment)}
                download={name}
                aria-label={t("file.download", { name, size })}
              >
                <FileText size={16} aria-hidden="true" />
                <span className={css["fileName"]}>{name}</span>
                <span>{size}</span>
                <Download size={14} aria-hidden="true" />
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
