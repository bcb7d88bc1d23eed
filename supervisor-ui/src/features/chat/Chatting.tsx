import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { EventSocket } from "../../live/socket";
import { ChatPanel } from "../../requester/ChatPanel";
import { others, unread } from "../../requester/chat";
import { ChatContext, type ChatTools, useConversation, useLooking } from "../../requester/hooks";
import { useStore } from "../../store/useStore";
import { ALONE, Around } from "./Around";
import { type Embed, focusField } from "./embed";
import { Guest } from "./guest";
import { visitor } from "./visitor";
import css from "./ChatPage.module.css";

/** Somebody who writes: what this tab has kept of them, or nobody yet. */
export function newGuest(): Guest {
  return new Guest({
    api: (credentials) => new GuestTextApi(credentials),
    visitor,
    events: (config) => new EventSocket(config),
  });
}

export interface ChattingProps {
  tools: ChatTools;
  embed: Embed | null;
  close: ReactNode;
  /** The form has just gone, and the focus with it. */
  isNew: boolean;
  onAgain: () => void;
}

/** The conversation. */
export function Chatting({ tools, ...rest }: ChattingProps) {
  return (
    <ChatContext value={tools} key={tools.conversation.id}>
      <Panel {...rest} />
    </ChatContext>
  );
}

function Panel({ embed, close, isNew, onAgain }: Omit<ChattingProps, "tools">) {
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
