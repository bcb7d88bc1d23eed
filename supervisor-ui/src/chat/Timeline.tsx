import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { ArrowDown, Ellipsis } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { older, type Thread } from "../live/text/thread";
import { Button } from "../ui/Button";
import { classes } from "../ui/classes";
import { shortName } from "../ui/names";
import type { ConversationView, MessageView } from "../wire/generated";
import { Row } from "./Row";
import { estimateOf, useItems, useLook, useTypists } from "./hooks";
import css from "./Timeline.module.css";
import "./words";

/** Rows from the top at which the page before is fetched. */
const OLDER_AT_ROW = 4;
const GAP_PX = 8;
/** So near to the end counts as the end. */
const END_PX = 64;

export interface TimelineProps {
  view: ConversationView;
  me: string;
  /** In a narrow panel. */
  compact?: boolean;
}

/**
 * All that was written and that happened, newest last. Only what is in sight is in the document,
 * so what arrives is announced apart from it.
 */
export function Timeline({ view, me, compact = false }: TimelineProps) {
  const { t } = useTranslation("chat");
  const { link } = useTextTools();
  const box = useRef<HTMLDivElement>(null);
  const { thread, items } = useItems(view.id);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => estimateOf(items[index]),
    getItemKey: (index) => items[index]?.key ?? index,
    gap: GAP_PX,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
  });
  const shown = rows.getVirtualItems();
  const top = shown[0]?.index;
  const hasOlder = thread !== undefined && older(thread) !== null;
  useEffect(() => {
    if (hasOlder && top !== undefined && top < OLDER_AT_ROW) void link.loadOlder({ kind: "conversation", id: view.id });
  }, [hasOlder, top, link, view.id]);
  useFollow(box, rows, items.length > 0, thread?.outgoing.length ?? 0);
  useLook(view.id, thread);
  return (
    <div className={classes(css["timeline"], compact && css["compact"])}>
      <div
        ref={box}
        className={css["scroll"]}
        role="log"
        aria-live="off"
        aria-label={t("messages")}
        aria-busy={hasOlder && top === 0}
        tabIndex={0}
      >
        {hasOlder && <p className={css["older"]}>{t("loadingOlder")}</p>}
        <div className={css["rows"]} style={{ height: rows.getTotalSize() }}>
          {shown.map((row) => {
            const item = items[row.index];
            return (
              item && (
                <div
                  key={row.key}
                  ref={rows.measureElement}
                  data-index={row.index}
                  className={css["row"]}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Row item={item} view={view} me={me} />
                </div>
              )
            );
          })}
        </div>
      </div>
      <Below typing={view.id} me={me} away={!rows.isAtEnd(END_PX)} onDown={() => rows.scrollToEnd()} />
      <Announcer thread={thread} me={me} />
    </div>
  );
}

/** Shows the end at first, when one has sent something, and when the box changes while the end is in sight. */
function useFollow(
  box: RefObject<HTMLDivElement | null>,
  rows: Virtualizer<HTMLDivElement, Element>,
  loaded: boolean,
  outgoing: number,
): void {
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (loaded) rows.scrollToEnd();
  }, [loaded, rows, outgoing]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const scrolled = () => {
      atEnd.current = rows.isAtEnd(END_PX);
    };
    const resized = new ResizeObserver(() => atEnd.current && rows.scrollToEnd());
    resized.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [box, rows]);
}

/** Who types, and the way down. It has its own place, so that nothing moves. */
function Below({ typing, me, away, onDown }: { typing: string; me: string; away: boolean; onDown: () => void }) {
  const { t } = useTranslation("chat");
  const names = useTypists(typing, me);
  return (
    <div className={css["below"]}>
      {names.length > 0 && (
        <span className={css["typing"]}>
          <Ellipsis size={14} aria-hidden="true" />
          {names.length === 1 ? t("typing.one", { name: shortName(names[0] ?? "") }) : t("typing.many")}
        </span>
      )}
      {away && (
        <Button size="small" className={css["down"]} onPress={onDown}>
          <ArrowDown size={14} aria-hidden="true" />
          {t("newest")}
        </Button>
      )}
    </div>
  );
}

/** Reads what arrives to those who do not see it: of a virtual list a screen reader can't tell new from scrolled. */
export function Announcer({ thread, me }: { thread: Thread<MessageView> | undefined; me: string }) {
  const { t } = useTranslation("chat");
  const [words, say] = useState("");
  const heard = useRef<number | null>(null);
  const last = thread?.messages.at(-1);
  useEffect(() => {
    if (!last) return;
    const isNew = heard.current !== null && last.number > heard.current;
    heard.current = last.number;
    if (!isNew || last.author.user === me) return;
    say(t(last.public === undefined ? "arrivedPrivate" : "arrived", { name: last.author.name, text: last.text }));
  }, [last, me, t]);
  return (
    <p className="vh" role="status">
      {words}
    </p>
  );
}
