import {
  ArrowLeftRight,
  Check,
  CheckCheck,
  Download,
  Ear,
  Eye,
  FileText,
  Hand,
  Image,
  LoaderCircle,
  Lock,
  LogIn,
  LogOut,
  type LucideIcon,
  Megaphone,
  Replace,
  Speech,
  TriangleAlert,
  UserPlus,
  X,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Delivery } from "../live/text/select";
import type { Notice } from "../live/text/state";
import type { Outgoing } from "../live/text/thread";
import { Button, PlainButton } from "../ui/Button";
import { classes } from "../ui/classes";
import { pieces } from "../ui/links";
import { shortName } from "../ui/names";
import { isShownPicture } from "../ui/pictures";
import type { AttachmentView, ConversationView, MessageView } from "../wire/generated";
import { sentenceOf } from "./notice";
import { timeOf } from "../ui/time";
import { sizeOf } from "./uploads";
import css from "./Message.module.css";
import "./words";

const MARKS = { sent: Check, delivered: CheckCheck, read: Eye };

export interface MessageBubbleProps {
  message: MessageView;
  /** The reader wrote it. */
  own: boolean;
  /** Stands on the right, as what staff wrote. */
  out: boolean;
  /** How far it got; for public messages that the reader wrote. */
  delivery: Delivery | null;
  attachmentHref: (attachment: AttachmentView) => string;
}

/** One message. A private one stands on yellow, with a lock and the words. */
export function MessageBubble({ message, own, out, delivery, attachmentHref }: MessageBubbleProps) {
  const { t } = useTranslation("chat");
  const isPrivate = message.public === undefined;
  const failure = message.delivery_failure;
  const Mark = delivery && !failure && MARKS[delivery];
  return (
    <article className={classes(css["message"], out && css["out"], isPrivate && css["private"])}>
      <header className={css["head"]}>
        {isPrivate && <Lock size={12} aria-hidden="true" />}
        <b>{own ? t("you") : isPrivate ? message.author.name : shortName(message.author.name)}</b>
        {isPrivate && <span>{t("private")}</span>}
        <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at)}</time>
        {Mark && (
          <span className={css["mark"]}>
            <Mark size={13} aria-hidden="true" />
            {t(`marks.${delivery}`)}
          </span>
        )}
      </header>
      {message.text && <Text>{message.text}</Text>}
      <Attachments attachments={message.attachments} href={attachmentHref} />
      {failure && (
        <footer className={css["failure"]}>
          <TriangleAlert size={13} aria-hidden="true" />
          <span>{t(`undelivered.${failure.cause}`)}</span>
          {failure.detail && <bdi>{failure.detail}</bdi>}
        </footer>
      )}
    </article>
  );
}

export interface OutgoingBubbleProps {
  message: Outgoing;
  onRetry: () => void;
  onDiscard: () => void;
}

/** A message that the server has not kept yet. */
export function OutgoingBubble({ message, onRetry, onDiscard }: OutgoingBubbleProps) {
  const { t } = useTranslation("chat");
  const { failed, visibility, text, attachments } = message;
  return (
    <article
      className={classes(css["message"], css["out"], css["outgoing"], visibility === "private" && css["private"])}
    >
      <header className={css["head"]}>
        {visibility === "private" && <Lock size={12} aria-hidden="true" />}
        <b>{t("you")}</b>
        {visibility === "private" && <span>{t("private")}</span>}
        <span className={css["mark"]}>
          {failed === null ? (
            <span className="spin">
              <LoaderCircle size={13} aria-hidden="true" />
            </span>
          ) : (
            <TriangleAlert size={13} aria-hidden="true" />
          )}
          {t(failed === null ? "sending" : "notSent")}
        </span>
      </header>
      {text && <Text>{text}</Text>}
      {attachments.map(({ id, name }) => (
        <p key={id}>{name}</p>
      ))}
      {failed !== null && (
        <footer className={css["failure"]}>
          <span role="alert">{failed || t("noAnswer")}</span>
          <Button size="small" onPress={onRetry}>
            {t("retry")}
          </Button>
          <Button size="small" kind="quiet" onPress={onDiscard}>
            {t("discard")}
          </Button>
        </footer>
      )}
    </article>
  );
}

/** One line of what happened besides messages. */
export function NoticeLine({ notice, view, me }: { notice: Notice; view: ConversationView; me: string }) {
  const { t } = useTranslation("chat");
  const Icon = iconOf(notice);
  return (
    <p className={css["line"]}>
      <Icon size={13} aria-hidden="true" />
      <span>{sentenceOf(t, notice, view, me)}</span>
    </p>
  );
}

function iconOf(notice: Notice): LucideIcon {
  switch (notice.kind) {
    case "joined":
      return notice.mode === "listen"
        ? Ear
        : notice.mode === "whisper"
          ? Speech
          : notice.mode === "barge"
            ? Megaphone
            : notice.mode === "take_over"
              ? Replace
              : LogIn;
    case "barged":
      return Megaphone;
    case "taken_over":
    case "handed_back":
      return Replace;
    case "left":
      return LogOut;
    case "tagged":
      return UserPlus;
    case "help":
      return Hand;
    case "transferring":
    case "transferred":
      return ArrowLeftRight;
    case "requested":
    case "settled":
      return notice.handover.kind === "conference" ? UserPlus : ArrowLeftRight;
    case "ended":
      return X;
  }
}

/**
 * A picture, once the reader wants to see it: what anybody sends is not decoded unasked in a tab that may carry a
 * call. The server takes none of more than 40 megapixels.
 */
function Picture({ attachment: { name, size_bytes }, href }: { attachment: AttachmentView; href: string }) {
  const { t } = useTranslation("chat");
  const [isShown, show] = useState(false);
  if (isShown) {
    return (
      <a href={href} target="_blank" rel="noopener noreferrer">
        <img className={css["picture"]} src={href} alt={t("file.image", { name })} />
      </a>
    );
  }
  return (
    <PlainButton className={css["file"]} aria-label={t("file.show", { name })} onPress={() => show(true)}>
      <Image size={16} aria-hidden="true" />
      <span className={css["fileName"]}>{name}</span>
      <span>{sizeOf(size_bytes)}</span>
      <b>{t("file.showShort")}</b>
    </PlainButton>
  );
}

/** What is attached: pictures can be looked at, the rest can be fetched. `href` tells where it lies. */
function Attachments({
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
        const { id, name, size_bytes } = attachment;
        const size = sizeOf(size_bytes);
        return (
          <li key={id}>
            {isShownPicture(attachment) ? (
              <Picture attachment={attachment} href={href(attachment)} />
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

/** What somebody wrote: plain text with its line breaks; addresses of the web can be opened. */
export function Text({ children }: { children: string }) {
  const { t } = useTranslation("chat");
  return (
    <p className={css["text"]} dir="auto" translate="yes">
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
