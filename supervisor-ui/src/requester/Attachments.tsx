import { FileText, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button as AriaButton } from "react-aria-components";
import { saveFile } from "../ui/save";
import type { AttachmentView } from "../wire/generated";
import css from "./Chat.module.css";
import { isPicture, sizeOf } from "./files";
import { useChatTools } from "./hooks";

/** What hangs on a message: pictures are shown, other files can be saved. */
export function Attachments({ attachments }: { attachments: readonly AttachmentView[] }) {
  if (attachments.length === 0) return null;
  return (
    <div className={css["attachments"]}>
      {attachments.map((attachment) =>
        isPicture(attachment.media_type) ? (
          <Picture key={attachment.id} attachment={attachment} />
        ) : (
          <File key={attachment.id} attachment={attachment} />
        ),
      )}
    </div>
  );
}

function Picture({ attachment }: { attachment: AttachmentView }) {
  const { t } = useTranslation("requester");
  const { api, conversation } = useChatTools();
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const { id, media_type: type } = attachment;
  useEffect(() => {
    let made: string | null = null;
    let wanted = true;
    // The token goes in a header, so a plain address in `src` would not do.
    api.attachment(conversation.id, id).then(
      (content) => {
        if (wanted) setUrl((made = URL.createObjectURL(new Blob([content], { type }))));
      },
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [api, conversation, id, type]);
  if (failed) return <File attachment={attachment} />;
  if (url === null) return <span className={css["picture"]} />;
  return (
    <a
      className={css["picture"]}
      href={url}
      target="_blank"
      rel="noopener"
      aria-label={t("open", { name: attachment.name })}
    >
      <img src={url} alt="" />
    </a>
  );
}

function File({ attachment: { id, name, size_bytes } }: { attachment: AttachmentView }) {
  const { t } = useTranslation("requester");
  const { api, conversation } = useChatTools();
  const [failed, setFailed] = useState(false);
  const fetch = () => {
    setFailed(false);
    api.attachment(conversation.id, id).then(
      (content) => saveFile(name, new Blob([content], { type: "application/octet-stream" })),
      () => setFailed(true),
    );
  };
  return (
    <>
      <AriaButton
        className={css["file"] ?? ""}
        onPress={fetch}
        aria-label={t("download", { name: `${name} ${sizeOf(size_bytes)}` })}
      >
        <FileText size={18} aria-hidden="true" />
        <span className={css["fileName"]}>{name}</span> <span className={css["fileSize"]}>{sizeOf(size_bytes)}</span>
      </AriaButton>
      {failed && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("fileFailed")}
        </p>
      )}
    </>
  );
}
