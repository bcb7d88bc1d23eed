import type { MessageView } from "../wire/generated";
import type { Chat, Outgoing } from "./chat";
import type { Notice } from "./notices";

/** One line of what is shown. */
export type Item =
  | { kind: "message"; key: string; message: MessageView }
  | { kind: "notice"; key: string; notice: Notice }
  | { kind: "outgoing"; key: string; outgoing: Outgoing };

/** Messages in their order, notices between them by time, and last what is on its way. */
export function timeline(chat: Chat): Item[] {
  const wanted = chat.messages.filter(({ number }) => number >= chat.from);
  const oldest = chat.from > 1 ? (wanted[0]?.at ?? 0) : 0;
  const notices = chat.notices.filter(({ at }) => at >= oldest);
  const items: Item[] = [];
  let next = 0;
  const upTo = (at: number) => {
    for (; next < notices.length; next += 1) {
      const notice = notices[next];
      if (!notice || notice.at > at) return;
      items.push({ kind: "notice", key: notice.key, notice });
    }
  };
  for (const message of wanted) {
    upTo(message.at);
    // One that was written here keeps its place on the page when it is acknowledged.
    items.push({ kind: "message", key: message.client_id ?? String(message.number), message });
  }
  upTo(Number.POSITIVE_INFINITY);
  return [...items, ...chat.outbox.map((outgoing): Item => ({ kind: "outgoing", key: outgoing.clientId, outgoing }))];
}
