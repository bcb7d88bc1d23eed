import { timeOf } from "../ui/time";
import { Check, CheckCheck, Clock, FileText, Image, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, PlainButton } from "../ui/Button";
import { classes } from "../ui/classes";
import { pieces } from "../ui/links";
import { isShownPicture } from "../ui/pictures";
import { saveFile } from "../ui/save";
import type { AttachmentView, MessageView } from "../wire/generated";
import { deliveredUpTo, type Outgoing } from "./chat";
import { sizeOf } from "./draft";
import { useChatTools, useConversation } from "./hooks";
import css from "./Chat.module.css";

/** A message that the server has. */
export function Message({ message }: { message: MessageView }) {
  const { t } = useTranslation("requester");
  const delivered = useConversation(({ chat }) => deliveredUpTo(chat));
  const own = message.part === "requester";
  return (
    <div className={classes(css["message"], own && css["own"])}>
      <p className={css["meta"]}>
        <b>{own ? t("you") : message.author.name}</b>
        <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at)}</time>
        {own && <Mark reached={(message.public ?? 0) <= delivered} />}
      </p>
      <Content text={message.text} attachments={message.attachments} />
    </div>
  );
}

/** A message that is on its way, or that was refused. */
export function OutgoingMessage({ outgoing: { clientId, text, attachments, at, refused } }: { outgoing: Outgoing }) {
  const { t } = useTranslation("requester");
  const { conversation } = useChatTools();
  const over = useConversation(({ chat, expired }) => expired || chat.view.state === "ended");
  const failed = refused !== null || over;
  return (
    <div className={classes(css["message"], css["own"], css["pending"])}>
      <p className={css["meta"]}>
        <b>{t("you")}</b>
        <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
        <span className={css["mark"]}>
          {failed ? <TriangleAlert size={14} aria-hidden="true" /> : <Clock size={14} aria-hidden="true" />}
          {t(failed ? "marks.refused" : "marks.sending")}
        </span>
      </p>
      <Content text={text} attachments={attachments} />
      {failed && (
        <p className={css["refused"]} role="alert">
          {over ? t("unsent") : refused}
        </p>
      )}
      {refused !== null && !over && (
        <p className={css["again"]}>
          <Button size="small" onPress={() => conversation.act({ type: "retry", clientId })}>
            {t("again")}
          </Button>
          <Button size="small" kind="quiet" onPress={() => conversation.act({ type: "discard", clientId })}>
            {t("discard")}
          </Button>
        </p>
      )}
    </div>
  );
}

function Mark({ reached }: { reached: boolean }) {
  const { t } = useTranslation("requester");
  return (
    <span className={css["mark"]}>
      {reached ? <CheckCheck size={14} aria-hidden="true" /> : <Check size={14} aria-hidden="true" />}
      {t(reached ? "marks.delivered" : "marks.sent")}
    </span>
  );
}

/** As it was written: nothing of it is markup, and only web addresses become links. */
function Content({ text, attachments }: { text: string; attachments: readonly AttachmentView[] }) {
  return (
    <>
      {text !== "" && (
        <p className={css["text"]} dir="auto" translate="yes">
          {pieces(text).map((piece, i) =>
            piece.kind === "text" ? (
              piece.text
            ) : (
              <a key={i} href={piece.href} target="_blank" rel="noopener noreferrer nofollow ugc">
                {piece.text}
              </a>
            ),
          )}
        </p>
      )}
      <Attachments attachments={attachments} />
    </>
  );
}

/** What hangs on a message: pictures can be looked at, other files can be saved. */
function Attachments({ attachments }: { attachments: readonly AttachmentView[] }) {
  if (attachments.length === 0) return null;
  return (
    <div className={css["attachments"]}>
      {attachments.map((attachment) =>
        isShownPicture(attachment) ? (
          <Picture key={attachment.id} attachment={attachment} />
        ) : (
          <File key={attachment.id} attachment={attachment} />
        ),
      )}
    </div>
  );
}

/** A picture, once the reader wants to see it: nothing is decoded unasked in a tab that may carry a call. */
function Picture({ attachment }: { attachment: AttachmentView }) {
  const { t } = useTranslation("requester");
  const [isWanted, want] = useState(false);
  const { name, size_bytes } = attachment;
  if (isWanted) return <ShownPicture attachment={attachment} />;
  return (
    <PlainButton className={css["file"]} aria-label={t("show", { name })} onPress={() => want(true)}>
      <Image size={18} aria-hidden="true" />
      <span className={css["fileName"]}>{name}</span> <span className={css["fileSize"]}>{sizeOf(size_bytes)}</span>{" "}
      <b>{t("showShort")}</b>
    </PlainButton>
  );
}

function ShownPicture({ attachment }: { attachment: AttachmentView }) {
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
      <PlainButton
        className={css["file"]}
        onPress={fetch}
        aria-label={t("download", { name: `${name} ${sizeOf(size_bytes)}` })}
      >
        <FileText size={18} aria-hidden="true" />
        <span className={css["fileName"]}>{name}</span> <span className={css["fileSize"]}>{sizeOf(size_bytes)}</span>
      </PlainButton>
      {failed && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("fileFailed")}
        </p>
      )}
    </>
  );
}
