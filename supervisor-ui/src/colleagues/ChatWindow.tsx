import { CheckCheck, ChevronDown, Hourglass, LoaderCircle, SendHorizontal, TriangleAlert, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Text } from "../chat/Bubbles";
import { timeOf } from "../ui/time";
import { useText, useTextTools } from "../live/hooks";
import { emptyThread, older, type Outgoing } from "../live/text/thread";
import { isComposing } from "../text/input";
import { isBlank, lengthOf } from "../text/unicode";
import { Button, IconButton } from "../ui/Button";
import { shortName } from "../ui/names";
import { toast } from "../ui/toasts";
import type { ChatMessageView, ChatView } from "../wire/generated";
import { closeWindow, draftOf, keepDraft, minimiseWindow } from "./windows";
import css from "./Dock.module.css";

/** A chat with one colleague. Nobody accepts or rejects it; either ends it. */
export function ChatWindow({ chat }: { chat: ChatView }) {
  const { t } = useTranslation("colleagues");
  const { api } = useTextTools();
  const { name } = chat.with;
  const end = () => {
    api.endChat(chat.id).then(
      () => closeWindow(chat.id),
      ({ message }: Error) => toast(t("endRefused", { detail: message }), "refused"),
    );
  };
  return (
    <section
      className={css["window"]}
      role="dialog"
      aria-label={t("window", { name })}
      onKeyDown={(event) => event.key === "Escape" && minimiseWindow(chat.id)}
    >
      <header className={css["head"]}>
        <span className={css["title"]}>
          <h2>{name}</h2>
          <span className="muted">{t("only")}</span>
        </span>
        {chat.ended ? (
          <IconButton aria-label={t("close")} onPress={() => closeWindow(chat.id)}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        ) : (
          <>
            <Button size="small" onPress={end}>
              {t("end")}
            </Button>
            <IconButton aria-label={t("minimise")} onPress={() => minimiseWindow(chat.id)}>
              <ChevronDown size={16} aria-hidden="true" />
            </IconButton>
          </>
        )}
      </header>
      <ChatLog chat={chat} />
      {chat.ended ? (
        <p className={css["note"]} role="status">
          {t("ended")}
        </p>
      ) : (
        <ChatField chat={chat} />
      )}
    </section>
  );
}

const EMPTY = emptyThread<ChatMessageView>();

/** What the two wrote, newest last. Looking at it is reading it. */
function ChatLog({ chat }: { chat: ChatView }) {
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

const TEXT_CHARS_MAX = 4000;

/** Where one writes. Enter sends, with Shift it is a new line; so does the button. */
function ChatField({ chat }: { chat: ChatView }) {
  const { t } = useTranslation("colleagues");
  const { link } = useTextTools();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => draftOf(chat.id));
  const over = lengthOf(text) - TEXT_CHARS_MAX;
  const ready = !isBlank(text) && over <= 0;
  // A window is opened to write in it.
  useEffect(() => field.current?.focus(), []);
  const write = (next: string) => {
    setText(next);
    keepDraft(chat.id, next);
  };
  const send = () => {
    if (!ready) return;
    link.sendChat(chat.id, text);
    write("");
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event.nativeEvent)) return;
    event.preventDefault();
    send();
  };
  return (
    <div className={css["field"]}>
      <textarea
        ref={field}
        rows={2}
        value={text}
        aria-label={t("message", { name: chat.with.name })}
        placeholder={t("placeholder", { name: shortName(chat.with.name) })}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKey}
      />
      <div className={css["foot"]}>
        {over > 0 ? (
          <span role="alert" className={css["over"]}>
            {t("tooLong", { count: over })}
          </span>
        ) : (
          <span className="muted">{t("enter")}</span>
        )}
        <Button size="small" kind="primary" isDisabled={!ready} onPress={send}>
          <SendHorizontal size={14} aria-hidden="true" />
          {t("send")}
        </Button>
      </div>
    </div>
  );
}
