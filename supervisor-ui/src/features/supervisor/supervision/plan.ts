import { isOpen } from "../../../hearing/plan";
import type { Mode } from "../../../wire/generated";

/** What the server has confirmed: this page's supervision of one interaction. */
export interface Held {
  /** The call or conversation, by id. */
  readonly at: string;
  readonly mode: Mode;
  /** In Whisper on a call: the coached agent's leg. */
  readonly coach?: string;
}

/** What the user wants; `null` is to supervise nothing. */
export interface Target {
  readonly at: string;
  readonly mode: Mode;
  /** In Whisper on a call: whose ear it is for; absent: whoever is coached, or the agent who answered. */
  readonly coach?: string;
}

/** The one request that comes next on the way from what is to what is wanted. */
export type Step =
  | { kind: "leave"; at: string }
  | { kind: "listen"; at: string }
  | { kind: "mode"; at: string; mode: Mode; coach?: string };

/** Whether what holds is what is wanted, in the same place. */
export function reached(held: Held, { mode, coach }: Target): boolean {
  return held.mode === mode && (mode !== "whisper" || coach === undefined || held.coach === coach);
}

/** `null`: what is wanted holds. */
export function nextStep(held: Held | null, target: Target | null): Step | null {
  if (held && held.at !== target?.at) return { kind: "leave", at: held.at };
  if (!target) return null;
  if (!held) return { kind: "listen", at: target.at };
  if (reached(held, target)) return null;
  const { mode, coach } = target;
  return { kind: "mode", at: held.at, mode, ...(coach !== undefined && { coach }) };
}

/** How many hear or see the user in a mode, by rank: in a take-over the same as in Barge. */
export const REACH: Record<Mode, number> = { listen: 0, whisper: 1, barge: 2, take_over: 2 };

/** Whether others hear or see the user in this mode. */
export function noticed(mode: Mode | undefined): boolean {
  return mode === "whisper" || isOpen(mode);
}

/** Whether `step` lets fewer people notice the user than now: such a step is tried until it is done. */
export function quieter(held: Held | null, step: Step): boolean {
  if (step.kind === "leave") return true;
  return step.kind === "mode" && held !== null && REACH[step.mode] < REACH[held.mode];
}

/**
 * What is wanted after the server changed something by itself. What it took away is not asked for
 * again; where more people would notice the user than wanted, the wish stands.
 */
export function adopted(before: Held | null, held: Held | null, target: Target | null): Target | null {
  if (!target) return null;
  if (!held) return before?.at === target.at ? null : target;
  const quieterNow = held.at === target.at && REACH[held.mode] < REACH[target.mode];
  return quieterNow ? { at: held.at, mode: held.mode } : target;
}

/**
 * Whether a granted step shows in what the server tells: `granted` is the revision that its answer
 * named, `told` that of the interaction by now, if there still is one.
 */
export function reflected(
  step: Step,
  held: Held | null,
  granted: number | undefined,
  told: number | undefined,
): boolean {
  if (told === undefined) return true;
  return step.kind === "leave" ? held === null : granted !== undefined && told >= granted;
}

/** What the user is waiting for. */
export type Pending =
  | { kind: "asking"; at: string; mode: Mode }
  /** Until the server confirms, those of `from` may still notice what was said or written before. */
  | { kind: "leaving"; at: string; from: Mode; to: Mode | "off" };

export function pendingOf(held: Held | null, target: Target | null): Pending | null {
  if (held && held.at !== target?.at) return { kind: "leaving", at: held.at, from: held.mode, to: "off" };
  if (!target || (held && reached(held, target))) return null;
  if (held && REACH[target.mode] < REACH[held.mode]) {
    return { kind: "leaving", at: held.at, from: held.mode, to: target.mode };
  }
  return { kind: "asking", at: target.at, mode: target.mode };
}

/** The mode that is asked for in this interaction and does not hold yet. */
export function askedMode(pending: Pending | null, at: string): Mode | null {
  if (pending?.at !== at) return null;
  const wanted = pending.kind === "asking" ? pending.mode : pending.to;
  return wanted === "off" ? null : wanted;
}
