import type { CallView, LegView } from "../../../wire/generated";

export type SortKey = "caller" | "agent" | "queue" | "state" | "time" | "help";

export interface Sort {
  key: SortKey;
  descending: boolean;
}

export const DEFAULT_SORT: Sort = { key: "help", descending: true };

export interface Filter {
  text: string;
  only: "all" | "help" | "waiting";
  /** A queue's key; null: every queue. */
  queue: string | null;
}

export const NO_FILTER: Filter = { text: "", only: "all", queue: null };

/** The agent who answered, or else nobody. */
export function agentOf(call: CallView): LegView | undefined {
  return call.legs.find((leg) => leg.role === "agent");
}

export function supervisorsOf(call: CallView): LegView[] {
  return call.legs.filter((leg) => leg.role === "supervisor" && leg.mode !== undefined);
}

export function agentName(call: CallView): string {
  return agentOf(call)?.name ?? call.ringing?.name ?? "";
}

/** Since when the clock in the table runs: answered, or else placed. */
export function since(call: CallView): number {
  return call.answered_at ?? call.placed_at;
}

export function isLive(call: CallView): boolean {
  return call.state === "active";
}

export function matches(call: CallView, filter: Filter): boolean {
  if (filter.queue !== null && call.queue !== filter.queue) return false;
  if (filter.only === "help" && !call.help) return false;
  if (filter.only === "waiting" && isLive(call)) return false;
  const wanted = fold(filter.text.trim());
  if (wanted === "") return true;
  const digits = wanted.replace(/[\s()-]/g, "");
  const number = (call.caller.number ?? "").replace(/[\s()-]/g, "");
  const names = [call.caller.name, ...call.legs.map((leg) => leg.name), call.ringing?.name ?? ""];
  return names.some((name) => fold(name).includes(wanted)) || (digits !== "" && number.includes(digits));
}

/** Calls that match, in order. Calls that are equal keep the order in which they were placed. */
export function ordered(calls: Iterable<CallView>, filter: Filter, sort: Sort): CallView[] {
  const sign = sort.descending ? -1 : 1;
  return [...calls]
    .filter((call) => call.state !== "ended" && matches(call, filter))
    .sort((a, b) => sign * compare(a, b, sort.key) || a.placed_at - b.placed_at || compareText(a.id, b.id));
}

/** `calls` in the order of `ids`, newcomers last: rows do not move under the pointer. */
export function inOrderOf(ids: readonly string[], calls: readonly CallView[]): CallView[] {
  const place = new Map(ids.map((id, index) => [id, index]));
  const at = (call: CallView): number => place.get(call.id) ?? ids.length;
  return calls.map((call, index) => ({ call, index })).sort((a, b) => at(a.call) - at(b.call) || a.index - b.index).map(({ call }) => call);
}

/** `toggled` by its heading: first upwards, then downwards. Help starts with the requests. */
export function toggled(sort: Sort, key: SortKey): Sort {
  if (sort.key === key) return { key, descending: !sort.descending };
  return { key, descending: key === "help" || key === "time" };
}

function compare(a: CallView, b: CallView, key: SortKey): number {
  switch (key) {
    case "caller":
      return compareText(a.caller.name, b.caller.name);
    case "agent":
      return compareText(agentName(a), agentName(b));
    case "queue":
      return compareText(a.queue ?? "", b.queue ?? "");
    case "state":
      return compareText(stateRank(a), stateRank(b));
    case "time":
      return since(b) - since(a);
    case "help":
      return Number(a.help !== undefined) - Number(b.help !== undefined);
  }
}

function stateRank(call: CallView): string {
  return call.state === "active" && call.held ? "active held" : call.state;
}

function compareText(a: string, b: string): number {
  return a.localeCompare(b, undefined, { sensitivity: "base", numeric: true });
}

/** Without case and accents: "novak" finds "Novák". */
function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
