import * as v from "valibot";
import { session } from "../../browser/storage";
import { restored, type Schema } from "../../wire/schema";

const STORED = "sotto.seen.";
const Seen: Schema<Record<string, number>> = v.record(v.string(), v.number());

/** Up to where this user had looked before the tab was loaded anew. */
export function storedSeen(user: string): [conversation: string, number: number][] {
  return Object.entries(restored(Seen, session.get(STORED + user)) ?? {});
}

export function storeSeen(user: string, seen: ReadonlyMap<string, number>): void {
  session.set(STORED + user, JSON.stringify(Object.fromEntries(seen)));
}
