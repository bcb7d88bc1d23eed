import { Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveStore, useText } from "../live/hooks";
import type { ChatView } from "../wire/generated";
import { ChatWindow } from "./ChatWindow";
import css from "./Dock.module.css";
import { tabsOf } from "./tabs";
import { minimiseWindow, openWindow, useWindows } from "./windows";
import "./words";

/** The chats with colleagues, on every page of the staff: a tab each, and windows above them. */
export function ChatDock() {
  const { t } = useTranslation("colleagues");
  const chats = useText((state) => state.chats);
  const windows = useWindows();
  const tabs = tabsOf(chats, windows);
  const open = tabs.filter(({ id }) => windows.open.includes(id));
  return (
    <>
      <Arrivals />
      {tabs.length > 0 && (
        <section className={css["dock"]} aria-label={t("dock")}>
          {open.length > 0 && (
            <div className={css["windows"]}>
              {open.map((chat) => (
                <ChatWindow key={chat.id} chat={chat} />
              ))}
            </div>
          )}
          <ul className={css["tabs"]}>
            {tabs.map((chat) => (
              <li key={chat.id}>
                <Tab chat={chat} open={open.includes(chat)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** One chat's tab. Its number is what was not read yet: red, blinking unless motion is not wanted. */
function Tab({ chat, open }: { chat: ChatView; open: boolean }) {
  const { t } = useTranslation("colleagues");
  const { id, with: other, pending, unread } = chat;
  return (
    <button
      type="button"
      className={css["tab"]}
      aria-expanded={open}
      data-unread={unread > 0 || undefined}
      onClick={() => (open ? minimiseWindow(id) : openWindow(id))}
    >
      <span className="vh">{t("tab", { name: other.name })}</span>
      <span aria-hidden="true" className={css["who"]}>
        {other.name}
      </span>
      {pending && chat.own && (
        <span className={css["pending"]} title={t("pending")}>
          <Hourglass size={13} aria-hidden="true" />
          <span className="vh">{t("pending")}</span>
        </span>
      )}
      {unread > 0 && (
        <span className={css["count"]}>
          <span aria-hidden="true">{unread}</span>
          <span className="vh">{t("unread", { count: unread })}</span>
        </span>
      )}
    </button>
  );
}

/** Says to who does not see it that somebody wrote. */
function Arrivals() {
  const { t } = useTranslation("colleagues");
  const live = useLiveStore();
  const [said, setSaid] = useState("");
  useEffect(
    () =>
      live.tapText((envelope) => {
        if (envelope.type !== "chat.message" || envelope.message.own) return;
        setSaid(t("arrived", { name: envelope.chat.with.name, text: envelope.message.text }));
      }),
    [live, t],
  );
  return (
    <p className="vh" role="log" aria-live="polite">
      {said}
    </p>
  );
}
