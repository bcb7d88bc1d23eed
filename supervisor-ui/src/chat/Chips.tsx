import { FileText, Image, TriangleAlert, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/Button";
import { classes } from "../ui/classes";
import type { AttachmentView, Visibility } from "../wire/generated";
import css from "./Composer.module.css";
import { drafts } from "../live/text/drafts";
import { type Uploading, uploads, withoutAttachment } from "./uploads";

export interface ChipsProps {
  thread: string;
  tab: Visibility;
  attachments: readonly AttachmentView[];
  uploading: readonly Uploading[];
}

/** What is attached to a draft, and what is on its way there. */
export function Chips({ thread, tab, attachments, uploading }: ChipsProps) {
  const { t } = useTranslation("chat");
  if (attachments.length + uploading.length === 0) return null;
  return (
    <ul className={css["chips"]}>
      {attachments.map(({ id, name, media_type }) => {
        const Icon = media_type.startsWith("image/") ? Image : FileText;
        return (
          <li key={id} className={css["chip"]}>
            <Icon size={14} aria-hidden="true" />
            <span>{name}</span>
            <Remove
              name={name}
              onPress={() => drafts.set(thread, tab, { attachments: withoutAttachment(attachments, id) })}
            />
          </li>
        );
      })}
      {uploading.map(({ id, name, done, failed, cancel }) => (
        <li key={id} className={classes(css["chip"], failed !== null && css["refused"])}>
          {failed === null ? (
            <progress value={done} aria-label={t("upload.uploading", { name, percent: Math.round(done * 100) })} />
          ) : (
            <TriangleAlert size={14} aria-hidden="true" />
          )}
          {failed === null ? (
            <span>{name}</span>
          ) : (
            <span role="alert">{t("upload.failed", { name, detail: failed })}</span>
          )}
          <Remove name={name} onPress={() => (failed === null ? cancel() : uploads.forget(thread, tab, id))} />
        </li>
      ))}
    </ul>
  );
}

function Remove({ name, onPress }: { name: string; onPress: () => void }) {
  const { t } = useTranslation("chat");
  return (
    <IconButton aria-label={t("upload.remove", { name })} onPress={onPress}>
      <X size={14} aria-hidden="true" />
    </IconButton>
  );
}
