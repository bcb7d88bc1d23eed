import { useQuery } from "@tanstack/react-query";
import { useTextTools } from "../live/hooks";
import type { Notice } from "../live/text/state";
import type { Outgoing } from "../live/text/thread";
import type { CannedReply, MessageView, UserRef } from "../wire/generated";

/** One row of a timeline. */
export type Item =
  | { readonly kind: "message"; readonly key: string; readonly message: MessageView }
  | { readonly kind: "notice"; readonly key: string; readonly notice: Notice }
  | { readonly kind: "outgoing"; readonly key: string; readonly outgoing: Outgoing };

/**
 * Public and private messages and what else happened, in one order: messages by number, the rest
 * by time between them, and last what is still being sent. Of the time before the oldest message
 * that is here nothing is told while there are older ones.
 */
export function itemsOf(
  messages: readonly MessageView[],
  notices: readonly Notice[],
  outgoing: readonly Outgoing[],
): Item[] {
  const first = messages[0];
  const since = first && first.number > 1 ? first.at : Number.NEGATIVE_INFINITY;
  const lines = notices.filter(({ at }) => at >= since);
  const items: Item[] = [];
  let next = 0;
  const tell = (before: number) => {
    for (let notice = lines[next]; notice && notice.at < before; notice = lines[next]) {
      items.push({ kind: "notice", key: keyOf(notice, next), notice });
      next += 1;
    }
  };
  for (const message of messages) {
    tell(message.at);
    items.push({ kind: "message", key: message.client_id ?? `m${message.number}`, message });
  }
  tell(Number.POSITIVE_INFINITY);
  return [
    ...items,
    ...outgoing.map((message): Item => ({ kind: "outgoing", key: message.clientId, outgoing: message })),
  ];
}

function keyOf({ kind, at }: Notice, index: number): string {
  return `${kind} ${at} ${index}`;
}

const FRESH_MS = 60_000;
/** Somebody may be writing one for this very case. */
const REPLIES_FRESH_MS = 1_000;

/** Whom one can bring in; undefined until they are known. */
export function useColleagues(): readonly UserRef[] | undefined {
  const { api } = useTextTools();
  return useQuery({ queryKey: ["colleagues"], queryFn: () => api.colleagues(), staleTime: FRESH_MS, retry: 1 }).data;
}

/** Replies that were written beforehand, for a queue or for all. */
export function useReplies(queue: string | undefined): readonly CannedReply[] | undefined {
  const { api } = useTextTools();
  const { data } = useQuery({
    queryKey: ["replies"],
    queryFn: () => api.replies(),
    staleTime: REPLIES_FRESH_MS,
    retry: 1,
  });
  return data?.filter((reply) => reply.queue === undefined || reply.queue === queue);
}
