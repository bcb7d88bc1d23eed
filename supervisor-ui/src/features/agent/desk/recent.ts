import * as v from "valibot";
import { session } from "../../../browser/storage";
import type { CallView } from "../../../wire/generated";
import { restored, type Schema } from "../../../wire/schema";

/** A call that this agent had. Times are the server's, Unix ms. */
export interface RecentCall {
  id: string;
  caller: string;
  queue: string | null;
  endedAt: number;
  lastedMs: number;
}

const Stored: Schema<RecentCall[]> = v.array(
  v.object({
    id: v.string(),
    caller: v.string(),
    queue: v.nullable(v.string()),
    endedAt: v.number(),
    lastedMs: v.number(),
  }),
);

/** Calls kept in the list. */
const RECENT_MAX = 8;

export function withEnded(list: readonly RecentCall[], call: CallView, at: number): RecentCall[] {
  const entry: RecentCall = {
    id: call.id,
    caller: call.caller.name,
    queue: call.queue ?? null,
    endedAt: at,
    lastedMs: at - (call.answered_at ?? at),
  };
  return [entry, ...list.filter(({ id }) => id !== call.id)].slice(0, RECENT_MAX);
}

/** The list lasts as long as the browser's tab: this machine keeps no callers' names. */
export function loadRecent(user: string): RecentCall[] {
  return (restored(Stored, session.get(key(user))) ?? []).slice(0, RECENT_MAX);
}

export function saveRecent(user: string, list: readonly RecentCall[]): void {
  session.set(key(user), JSON.stringify(list));
}

function key(user: string): string {
  return `sotto.recent.${user}`;
}
