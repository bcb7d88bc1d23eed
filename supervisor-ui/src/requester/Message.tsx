import { Check, CheckCheck, Clock, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { language } from "../i18n";
import { Button } from "../ui/Button";
import { classes } from "../ui/classes";
import type { AttachmentView, MessageView } from "../wire/generated";
import { Attachments } from "./Attachments";
import css from "./Chat.module.css";
import { deliveredUpTo, type Outgoing } from "./chat";
import { useChatTools, useConversation } from "./hooks";
import { pieces } from "../ui/links";

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
        <p className={css["text"]} dir="auto">
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

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit" });
}
