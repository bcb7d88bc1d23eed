import { Check, CheckCheck, Eye, Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Delivery } from "../live/text/select";
import { classes } from "../ui/classes";
import { shortName } from "../ui/names";
import type { AttachmentView, MessageView } from "../wire/generated";
import { Attachments } from "./Attachments";
import css from "./Message.module.css";
import { Text } from "./Text";
import { timeOf } from "./time";

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
  const Mark = delivery && MARKS[delivery];
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
    </article>
  );
}
