import type { RecordFilter } from "../../api/records";
import type { InteractionView, TimelineEntry } from "../../wire/generated";
import { WRAP_UP_CODES } from "../../ui/wrapUp";
import { en } from "./words";

export const NO_FILTER: RecordFilter = {
  search: "",
  kind: "",
  from: null,
  until: null,
  queue: "",
  agent: "",
  supervised: false,
  code: "",
};

/** A note has at most so many characters. */
export const NOTE_CHARS_MAX = 4000;

export function isFiltered({ search, kind, from, until, queue, agent, supervised, code }: RecordFilter): boolean {
  const narrowed = [search.trim(), kind, queue, agent, code].some((text) => text !== "");
  return narrowed || from !== null || until !== null || supervised;
}

/** How long it was talked or written; null: nobody answered, or it goes on. */
export function lengthOf({ answered_at, ended_at }: InteractionView): number | null {
  return answered_at === undefined || ended_at === undefined ? null : ended_at - answered_at;
}

/** Of a record's path, what stands below `base`; null: the list alone. */
export function idBelow(base: string, path: string): string | null {
  if (!path.startsWith(`${base}/`)) return null;
  const id = path.slice(base.length + 1);
  return /^[0-9a-zA-Z_-]+$/.test(id) ? id : null;
}

/** The word of an entry, as a key; null: a newer server's, which brings its own sentence. */
export function wordOf({ kind }: TimelineEntry): string | null {
  return Object.hasOwn(en.what, kind) ? `what.${kind}` : null;
}

/** Whether the particular of an entry is a word of ours, and which. */
export function detailWordOf({ kind, detail }: TimelineEntry): string | null {
  if (detail === undefined) return null;
  if (kind === "wrap_up") return WRAP_UP_CODES.some((code) => code === detail) ? `wrapUp:${detail}` : null;
  const groups: Record<string, [string, object]> = {
    help_cancelled: ["why", en.why],
    ended: ["end", en.end],
  };
  const group = groups[kind];
  return group && Object.hasOwn(group[1], detail) ? `${group[0]}.${detail}` : null;
}
