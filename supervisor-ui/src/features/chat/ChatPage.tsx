import { MessageSquare, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { EventSocket } from "../../live/socket";
import { ChatPanel } from "../../requester/ChatPanel";
import { StartForm, useStart } from "../../requester/StartForm";
import { others, unread } from "../../requester/chat";
import { ChatContext, useConversation, useLooking } from "../../requester/hooks";
import { createStore } from "../../store/store";
import { useStore } from "../../store/useStore";
import { Button, IconButton } from "../../ui/Button";
import { GuestFrame } from "../../ui/GuestFrame";
import { type Embed, embedded, focusField } from "./embed";
import { Guest } from "./guest";
import form from "../../ui/GuestPage.module.css";
import css from "./ChatPage.module.css";
import "./words";

/** `/chat`: a customer writes. With `?embed=1` in the frame of another site's page. */
export function ChatPage() {
  const { t } = useTranslation("chat");
  const [guest] = useState(
    () =>
      new Guest({ api: (credentials) => new GuestTextApi(credentials), events: (config) => new EventSocket(config) }),
  );
  const [embed] = useState(embedded);
  const { tools, isNew } = useStore(guest.view);
  const close = embed && (
    <IconButton aria-label={t("close")} onPress={() => embed.tell({ sotto: "close" })}>
      <X size={20} aria-hidden="true" />
    </IconButton>
  );
  useEscape(embed);
  if (!tools) {
    return (
      <Around embed={embed} title={t("page")} bar={close}>
        <Start guest={guest} />
      </Around>
    );
  }
  return (
    <ChatContext value={tools} key={tools.conversation.id}>
      <Chatting embed={embed} close={close} isNew={isNew} onAgain={() => guest.again()} />
    </ChatContext>
  );
}

interface ChattingProps {
  embed: Embed | null;
  close: ReactNode;
  /** The form has just gone, and the focus with it. */
  isNew: boolean;
  onAgain: () => void;
}

function Chatting({ embed, close, isNew, onAgain }: ChattingProps) {
  const { t } = useTranslation("chat");
  const view = useConversation(({ chat }) => chat.view);
  const news = useConversation(({ chat }) => unread(chat));
  const isOpened = useStore(embed?.opened ?? ALONE);
  useLooking(isOpened);
  useEffect(() => embed?.tell({ sotto: "unread", count: news }), [embed, news]);
  useEffect(() => {
    if (isNew) focusField();
  }, [isNew]);
  const who = others(view)[0] ?? t("page");
  return (
    <Around embed={embed} title={news > 0 ? `(${news}) ${who}` : who}>
      <div className={css["panel"]}>
        <ChatPanel about={view.subject} actions={close} onAgain={onAgain} />
      </div>
    </Around>
  );
}

/** The whole page, or all of the frame. */
function Around({
  embed,
  title,
  bar,
  children,
}: {
  embed: Embed | null;
  title: string;
  bar?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation("chat");
  // Heard from the beginning, not only once there is a conversation.
  useStore(embed?.opened ?? ALONE);
  if (!embed)
    return (
      <div className={css["alone"]}>
        <GuestFrame title={title}>{children}</GuestFrame>
      </div>
    );
  return (
    <main className={css["embedded"]} aria-label={t("page")}>
      {bar && <div className={css["bar"]}>{bar}</div>}
      {children}
    </main>
  );
}

/** Esc puts the frame away, unless it closes something within it. */
function useEscape(embed: Embed | null): void {
  useEffect(() => {
    if (!embed) return;
    const pressed = (event: KeyboardEvent) => {
      const within = document.querySelector("[role=dialog], [role=alertdialog], [role=menu]");
      if (event.key === "Escape" && !event.defaultPrevented && !within) embed.tell({ sotto: "close" });
    };
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  }, [embed]);
}

/** Nobody opens or closes a page that stands alone. */
const ALONE = createStore(true);

const SUBJECT_CHARS_MAX = 200;
/** Nobody yet. */
const api = new GuestTextApi({ kind: "none" });

/** Who writes, and what about. */
function Start({ guest }: { guest: Guest }) {
  const { t } = useTranslation("chat");
  const { step, problem } = useStore(guest.view);
  const start = useStart(api);
  const [subject, setSubject] = useState("");
  const field = (
    <label className={form["field"]}>
      {t("subject")}
      <input
        name="subject"
        maxLength={SUBJECT_CHARS_MAX}
        value={subject}
        onChange={(event) => setSubject(event.target.value)}
      />
    </label>
  );
  return (
    <StartForm
      start={start}
      lead={t("lead")}
      noQueues={t("noQueues")}
      problem={problem && t(`problems.${problem}`)}
      fields={field}
      onStart={(name, queue) => void guest.start(name, queue.id, subject.trim())}
    >
      <Button
        type="submit"
        kind="ok"
        size="large"
        className={form["wide"]}
        isDisabled={!start.queue || step === "connecting"}
      >
        <MessageSquare size={20} aria-hidden="true" />
        {t(step === "connecting" ? "connecting" : "start")}
      </Button>
    </StartForm>
  );
}
