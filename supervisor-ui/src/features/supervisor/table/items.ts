import { type Entry, isLiveEntry } from "./entry";

export type GroupName = "groupCalls" | "groupChats" | "groupWaiting";

/** A line of the table: a group's heading, or an entry with its place among the entries. */
export type Item =
  | { readonly kind: "group"; readonly key: GroupName; readonly count: number }
  | { readonly kind: "entry"; readonly key: string; readonly entry: Entry; readonly place: number };

/** Calls, chats, and what waits, each under its heading. */
export function itemsOf(entries: readonly Entry[]): Item[] {
  const live = entries.filter(isLiveEntry);
  const groups: [GroupName, Entry[]][] = [
    ["groupCalls", live.filter(({ kind }) => kind === "call")],
    ["groupChats", live.filter(({ kind }) => kind === "chat")],
    ["groupWaiting", entries.filter((entry) => !isLiveEntry(entry))],
  ];
  const items: Item[] = [];
  let place = 0;
  for (const [key, members] of groups) {
    if (members.length === 0) continue;
    items.push({ kind: "group", key, count: members.length });
    for (const entry of members) items.push({ kind: "entry", key: entry.id, entry, place: place++ });
  }
  return items;
}
