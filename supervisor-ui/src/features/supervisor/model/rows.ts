import { agentsNameOf, begunAt, customerOf, type Entry, isLiveEntry, isTense, moodOf, queueOf, sinceOf } from "./entry";
import { helpOf } from "./requests";
import { folded } from "../../../text/unicode";

export type SortKey = "caller" | "agent" | "queue" | "time" | "mood" | "help";

export interface Sort {
  key: SortKey;
  descending: boolean;
}

export const DEFAULT_SORT: Sort = { key: "help", descending: true };

export interface Filter {
  text: string;
  only: "all" | "calls" | "chats" | "help" | "waiting" | "tense";
  /** A queue's key; null: every queue. */
  queue: string | null;
}

export const NO_FILTER: Filter = { text: "", only: "all", queue: null };

export function matches(entry: Entry, filter: Filter): boolean {
  if (filter.queue !== null && queueOf(entry) !== filter.queue) return false;
  return isWanted(entry, filter.only) && isFound(entry, folded(filter.text.trim()));
}

function isWanted(entry: Entry, only: Filter["only"]): boolean {
  switch (only) {
    case "all":
      return true;
    case "calls":
      return entry.kind === "call";
    case "chats":
      return entry.kind === "chat";
    case "help":
      return helpOf(entry) !== undefined;
    case "waiting":
      return !isLiveEntry(entry);
    case "tense":
      return isTense(moodOf(entry));
  }
}

function isFound(entry: Entry, wanted: string): boolean {
  if (wanted === "") return true;
  const digits = wanted.replace(/[\s()-]/g, "");
  const number = (entry.kind === "call" ? (entry.call.caller.number ?? "") : "").replace(/[\s()-]/g, "");
  return namesOf(entry).some((name) => folded(name).includes(wanted)) || (digits !== "" && number.includes(digits));
}

function namesOf(entry: Entry): string[] {
  if (entry.kind === "call")
    return [entry.call.caller.name, ...entry.call.legs.map(({ name }) => name), entry.call.ringing?.name ?? ""];
  return [entry.view.requester.name, ...entry.view.members.map(({ name }) => name), entry.view.subject ?? ""];
}

/** What matches, in order. Entries that are equal keep the order in which they began. */
export function ordered(entries: Iterable<Entry>, filter: Filter, sort: Sort): Entry[] {
  const sign = sort.descending ? -1 : 1;
  return [...entries]
    .filter((entry) => matches(entry, filter))
    .toSorted((a, b) => sign * compare(a, b, sort.key) || begunAt(a) - begunAt(b) || compareIds(a.id, b.id));
}

/** `entries` in the order of `ids`, newcomers last: rows do not move under the pointer. */
export function inOrderOf(ids: readonly string[], entries: readonly Entry[]): Entry[] {
  const place = new Map(ids.map((id, index) => [id, index]));
  const at = (entry: Entry): number => place.get(entry.id) ?? ids.length;
  return entries
    .map((entry, index) => ({ entry, index }))
    .toSorted((a, b) => at(a.entry) - at(b.entry) || a.index - b.index)
    .map(({ entry }) => entry);
}

/** `toggled` by its heading: first upwards, then downwards. Help starts with the requests, mood with the worst. */
export function toggled(sort: Sort, key: SortKey): Sort {
  if (sort.key === key) return { key, descending: !sort.descending };
  return { key, descending: key === "help" || key === "time" };
}

function compare(a: Entry, b: Entry, key: SortKey): number {
  switch (key) {
    case "caller":
      return compareText(customerOf(a), customerOf(b));
    case "agent":
      return compareText(agentsNameOf(a), agentsNameOf(b));
    case "queue":
      return compareText(queueOf(a) ?? "", queueOf(b) ?? "");
    case "time":
      return sinceOf(b) - sinceOf(a);
    case "mood":
      return compareMood(a, b);
    case "help":
      return Number(helpOf(a) !== undefined) - Number(helpOf(b) !== undefined);
  }
}

/** Of what no mood is known stands between good and bad, and is no worse than either. */
function compareMood(a: Entry, b: Entry): number {
  return (moodOf(a)?.value ?? 0) - (moodOf(b)?.value ?? 0);
}

const byText = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

function compareText(a: string, b: string): number {
  return byText.compare(a, b);
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

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
