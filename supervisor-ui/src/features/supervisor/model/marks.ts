import type { Mark } from "../../../live/state";
import type { Mode } from "../../../wire/generated";

export const WINDOW_MS = 180_000;

/** A stretch of the user's own mode on the timeline. Times are the server's. */
export interface Span {
  mode: Mode;
  from: number;
  to: number;
}

/** The user's modes within the window that ends now. */
export function ownSpans(marks: readonly Mark[], me: string, now: number): Span[] {
  const own = marks.filter((mark) => mark.kind === "mode" && mark.user === me) as (Mark & { kind: "mode" })[];
  return own.flatMap((mark, index) => {
    const to = own[index + 1]?.at ?? now;
    const from = Math.max(mark.at, now - WINDOW_MS);
    return mark.mode === "off" || to <= from ? [] : [{ mode: mark.mode, from, to }];
  });
}

export type Sign = "help" | "over" | Mode | "off";

export interface PlacedMark {
  sign: Sign;
  at: number;
  /** Whose mode, if another supervisor's. */
  user: string | null;
  /** Where the words stand; null where there is no room for them. */
  words: "after" | "before" | null;
  /** Whether there is room for the sign itself; its line is always there. */
  signed: boolean;
}

/** What words, and a sign alone, take of the window. */
const WORDS_MS = 25_000;
const SIGN_MS = 6_000;

/**
 * The window's marks in order; where they crowd, the newer one is told in full. A talk-over, which
 * the lanes show anyway, makes way for what people did.
 */
export function placedMarks(marks: readonly Mark[], overs: readonly number[], me: string, now: number): PlacedMark[] {
  const done = marks.map((mark) =>
    mark.kind === "help"
      ? { sign: "help" as Sign, at: mark.at, user: null }
      : { sign: mark.mode as Sign, at: mark.at, user: mark.user === me ? null : mark.user },
  );
  const clear = overs.filter((at) => done.every((mark) => Math.abs(mark.at - at) >= WORDS_MS));
  const all = [...clear.map((at) => ({ sign: "over" as Sign, at, user: null as string | null })), ...done]
    .filter((mark) => mark.at > now - WINDOW_MS && mark.at <= now)
    .toSorted((a, b) => b.at - a.at);
  // Everything before `free` is empty yet: the marks are placed from the newest on.
  let free = now;
  const placed = all.map((mark): PlacedMark => {
    const late = now - mark.at < WORDS_MS;
    const words = late
      ? mark.at + SIGN_MS / 2 <= free || free === now
        ? "before"
        : null
      : mark.at + WORDS_MS <= free
        ? "after"
        : null;
    const signed = words !== null || mark.at + SIGN_MS <= free;
    if (signed) free = words === "before" ? mark.at - WORDS_MS : mark.at - SIGN_MS / 2;
    return { ...mark, words, signed };
  });
  return placed.filter(({ sign, signed }) => signed || sign !== "over").toReversed();
}
