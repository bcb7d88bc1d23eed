import { useEffect, useMemo } from "react";
import { useLiveStore, useText, useTextTools } from "../live/hooks";
import { typingIn } from "../live/text/select";
import type { Thread } from "../live/text/thread";
import { useTicking } from "../browser/ticking";
import type { MessageView } from "../wire/generated";
import { type Item, itemsOf } from "./items";

const NONE = [] as const;
const LINE_PX = 20;
const BUBBLE_PX = 40;
const LINE_CHARS = 70;

/** A conversation's rows; what is missing of it is fetched for as long as it is looked at. */
export function useItems(conversation: string): { thread: Thread<MessageView> | undefined; items: readonly Item[] } {
  const { link } = useTextTools();
  const thread = useText((state) => state.messages.get(conversation));
  const notices = useText((state) => state.notices.get(conversation));
  useEffect(() => link.want({ kind: "conversation", id: conversation }), [link, conversation]);
  const items = useMemo(
    () => itemsOf(thread?.messages ?? NONE, notices ?? NONE, thread?.outgoing ?? NONE),
    [thread, notices],
  );
  return { thread, items };
}

/** What is shown on a page that is looked at is read. */
export function useLook(conversation: string, thread: Thread<MessageView> | undefined): void {
  const { link } = useTextTools();
  const last = thread?.messages.at(-1)?.number;
  useEffect(() => {
    const look = () => {
      if (last !== undefined && document.visibilityState === "visible") link.look(conversation);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [conversation, last, link]);
}

/** The names of those who type in public at this moment. */
export function useTypists(conversation: string, me: string): string[] {
  const store = useLiveStore();
  const names = () =>
    typingIn(store.getState().text, conversation, store.serverNow(), me)
      .map(({ name }) => name)
      .join("\n");
  // The event tells at once, the clock when it is over.
  useText((state) => state.typing.get(conversation));
  return useTicking(names).split("\n").filter(Boolean);
}

/** A row's height before it was measured. */
export function estimateOf(item: Item | undefined): number {
  const text = item?.kind === "message" ? item.message.text : item?.kind === "outgoing" ? item.outgoing.text : "";
  const lines = text.split("\n").reduce((sum, line) => sum + 1 + Math.floor(line.length / LINE_CHARS), 0);
  return item?.kind === "notice" ? LINE_PX : BUBBLE_PX + lines * LINE_PX;
}
