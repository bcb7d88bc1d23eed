import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { pieces } from "../ui/links";
import { Button } from "../ui/Button";
import { shortName } from "../ui/names";
import { Announcer } from "./Timeline";
import css from "./CallText.module.css";
import { useItems, useLook } from "./hooks";
import { timeOf } from "../ui/time";

/** Messages shown beside a call; the whole is in the record. */
const SHOWN_MAX = 100;

/** The private messages of a call, close together. */
export function CallLog({ conversation, me }: { conversation: string | null; me: string }) {
  const { t } = useTranslation("chat");
  return conversation === null ? (
    <p className={css["none"]}>{t("call.none")}</p>
  ) : (
    <Log conversation={conversation} me={me} />
  );
}

function Log({ conversation, me }: { conversation: string; me: string }) {
  const { t } = useTranslation("chat");
  const { link } = useTextTools();
  const { thread } = useItems(conversation);
  const end = useRef<HTMLDivElement>(null);
  const all = thread?.messages ?? [];
  const privates = all.filter((message) => message.public === undefined);
  const messages = privates.slice(-SHOWN_MAX);
  const outgoing = (thread?.outgoing ?? []).filter(({ visibility }) => visibility === "private");
  const count = messages.length + outgoing.length;
  // What the caller writes has a tab of its own, and is unread until that was looked at.
  useLook(conversation, all.length === privates.length ? thread : undefined);
  useEffect(() => {
    end.current?.scrollTo?.({ top: end.current.scrollHeight });
  }, [count]);
  return (
    <>
      <div ref={end} className={css["log"]} role="log" aria-live="off" aria-label={t("messages")} tabIndex={0}>
        {count === 0 && <p className={css["none"]}>{t("call.none")}</p>}
        {messages.map(({ number, author, at, text }) => (
          <p key={number}>
            <b>{author.user === me ? t("you") : shortName(author.name)}</b>
            {pieces(text).map((piece, index) =>
              piece.kind === "link" ? (
                <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
                  {piece.text}
                </a>
              ) : (
                piece.text
              ),
            )}
            <time dateTime={new Date(at).toISOString()}>{timeOf(at)}</time>
          </p>
        ))}
        {outgoing.map((message) => (
          <p key={message.clientId}>
            <b>{t("you")}</b>
            {message.text}
            <span className={css["state"]}>
              {message.failed === null ? t("sending") : `${t("notSent")}: ${message.failed || t("noAnswer")}`}
            </span>
            {message.failed !== null && (
              <Button
                size="small"
                kind="quiet"
                onPress={() => link.retry({ kind: "conversation", id: conversation }, message)}
              >
                {t("retry")}
              </Button>
            )}
          </p>
        ))}
      </div>
      <Announcer thread={thread} me={me} />
    </>
  );
}
