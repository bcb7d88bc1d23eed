import { ArrowDown, ArrowRightLeft, LogIn, LogOut, CircleSlash, UserX } from "lucide-react";
import type { TFunction } from "i18next";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import css from "./Chat.module.css";
import { useChatTools, useConversation } from "./hooks";
import { Message, OutgoingMessage } from "./Message";
import type { Notice } from "./notices";
import { type Item, timeline } from "./timeline";
import { useEnd } from "./EndChat";

/** All that was written and all that happened, the newest at the end, where the reader stays. */
export function Log() {
  const { t } = useTranslation("requester");
  const { conversation } = useChatTools();
  const chat = useConversation((state) => state.chat);
  const items = useMemo(() => timeline(chat), [chat]);
  const box = useRef<HTMLDivElement>(null);
  const { isBehind, toEnd } = useEnd(box, items.at(-1)?.key ?? "", items.at(-1)?.kind === "outgoing");
  return (
    <div className={css["logBox"]}>
      {/* What scrolls must be reachable by keyboard. */}
      <div className={css["log"]} ref={box} role="log" aria-label={t("conversation")} tabIndex={0}>
        {chat.from > 1 && (
          <Button size="small" className={css["earlier"]} onPress={() => conversation.act({ type: "earlier" })}>
            {t("earlier")}
          </Button>
        )}
        {chat.view.state === "waiting" && <p className={css["hint"]}>{waitingWords(t, chat.view.place)}</p>}
        {items.map((item) => (
          <Line key={item.key} item={item} />
        ))}
        {chat.view.state === "parked" && <p className={css["hint"]}>{t("parked")}</p>}
        <Typing />
      </div>
      {isBehind && (
        <Button size="small" className={css["below"]} onPress={toEnd}>
          <ArrowDown size={14} aria-hidden="true" />
          {t("newBelow")}
        </Button>
      )}
    </div>
  );
}

/** With the place in the queue, where the queue tells it. */
function waitingWords(t: TFunction<"requester">, place: number | undefined): string {
  if (place === undefined) return t("waiting");
  return place === 1 ? t("next") : t("place", { place });
}

function Line({ item }: { item: Item }) {
  switch (item.kind) {
    case "message":
      return <Message message={item.message} />;
    case "outgoing":
      return <OutgoingMessage outgoing={item.outgoing} />;
    case "notice":
      return <NoticeLine notice={item.notice} />;
  }
}

const ICONS = { joined: LogIn, left: LogOut, transferring: ArrowRightLeft, nobody: UserX, ended: CircleSlash };

function NoticeLine({ notice }: { notice: Notice }) {
  const { t } = useTranslation("requester");
  const Icon = ICONS[notice.kind];
  return (
    <p className={css["notice"]}>
      <Icon size={14} aria-hidden="true" />
      <span>
        {t(`notices.${notice.kind}`, {
          name: "name" in notice ? notice.name : "",
          to: "to" in notice ? notice.to : "",
        })}
      </span>
    </p>
  );
}

/** Always in its place, so that nothing moves when somebody begins to type; not announced. */
function Typing() {
  const { t } = useTranslation("requester");
  const typing = useConversation(({ chat }) => chat.typing);
  const names = typing.map(({ user }) => user.name).reduce((a, b) => (a ? t("and", { a, b }) : b), "");
  return (
    <p className={css["typing"]} aria-live="off">
      {names && (
        <>
          <span className={css["dots"]} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {t("typing", { names })}
        </>
      )}
    </p>
  );
}
