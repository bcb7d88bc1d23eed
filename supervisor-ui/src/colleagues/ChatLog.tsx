import { CheckCheck, Hourglass, LoaderCircle, TriangleAlert } from "lucide-react";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Text } from "../chat/Text";
import { timeOf } from "../chat/time";
import { useText, useTextTools } from "../live/hooks";
import { emptyThread, older, type Outgoing } from "../live/text/thread";
import { Button } from "../ui/Button";
import type { ChatMessageView, ChatView } from "../wire/generated";
import css from "./Dock.module.css";

const EMPTY = emptyThread<ChatMessageView>();

/** What the two wrote, newest last. Looking at it is reading it. */
export function ChatLog({ chat }: { chat: ChatView }) {
  const { t } = useTranslation("colleagues");
  const { link } = useTextTools();
  const thread = useText((state) => state.chatMessages.get(chat.id) ?? EMPTY);
  const box = useRef<HTMLDivElement>(null);
  const last = thread.messages.at(-1);
  const ref = { kind: "chat", id: chat.id } as const;
  useEffect(() => link.want({ kind: "chat", id: chat.id }), [link, chat.id]);
  useEffect(() => {
    const look = () => document.visibilityState === "visible" && link.lookChat(chat.id);
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [link, chat.id, chat.unread, last?.number]);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last?.number, thread.outgoing.length]);
  return (
    <div
      ref={box}
      className={css["log"]}
      role="log"
      aria-live="off"
      aria-label={t("window", { name: chat.with.name })}
      tabIndex={0}
    >
      {older(thread) && (
        <Button size="small" kind="quiet" onPress={() => void link.loadOlder(ref)}>
          {t("older")}
        </Button>
      )}
      {chat.messages === 0 && thread.outgoing.length === 0 && <p className={css["note"]}>{t("empty")}</p>}
      {thread.messages.map((message) => (
        <Bubble key={message.number} message={message} seen={message.own && message.number === chat.read_up_to} />
      ))}
      {thread.outgoing.map((message) => (
        <Sending
          key={message.clientId}
          message={message}
          onRetry={() => link.retry(ref, message)}
          onDiscard={() => link.discard(ref, message.clientId)}
        />
      ))}
      {chat.pending && chat.own && chat.messages > 0 && (
        <p className={css["note"]}>
          <Hourglass size={13} aria-hidden="true" /> {t("waits", { name: chat.with.name })}
        </p>
      )}
    </div>
  );
}

function Bubble({ message: { own, at, text }, seen }: { message: ChatMessageView; seen: boolean }) {
  const { t } = useTranslation("colleagues");
  return (
    <article className={css["bubble"]} data-own={own || undefined}>
      <Text>{text}</Text>
      <footer>
        <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
        {seen && (
          <span>
            <CheckCheck size={13} aria-hidden="true" />
            {t("seen")}
          </span>
        )}
      </footer>
    </article>
  );
}

function Sending({
  message: { text, failed },
  onRetry,
  onDiscard,
}: {
  message: Outgoing;
  onRetry: () => void;
  onDiscard: () => void;
}) {
  const { t } = useTranslation("chat");
  return (
    <article className={css["bubble"]} data-own data-sending>
      <Text>{text}</Text>
      {failed === null ? (
        <footer>
          <span className="spin">
            <LoaderCircle size={13} aria-hidden="true" />
          </span>
          {t("sending")}
        </footer>
      ) : (
        <footer>
          <span role="alert">
            <TriangleAlert size={13} aria-hidden="true" />
            {failed || t("noAnswer")}
          </span>
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
