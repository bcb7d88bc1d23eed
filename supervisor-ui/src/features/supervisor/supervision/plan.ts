import type { CallView, Mode } from "../../../wire/generated";

/** What the server has confirmed: this user's own leg on a call. */
export interface Held {
  call: string;
  leg: string;
  mode: Mode;
  /** In Whisper: the coached agent's leg. */
  coach: string | undefined;
}

/** What the user wants; `null` is to be on no call. */
export interface Target {
  call: string;
  mode: Mode;
}

/** The one request that comes next on the way from what is to what is wanted. */
export type Step =
  | { kind: "leave"; call: string; leg: string }
  | { kind: "listen"; call: string }
  | { kind: "mode"; call: string; leg: string; mode: Mode };

/** `null`: what is wanted holds. */
export function nextStep(held: Held | null, target: Target | null): Step | null {
  if (held && held.call !== target?.call) return { kind: "leave", call: held.call, leg: held.leg };
  if (!target) return null;
  if (!held) return { kind: "listen", call: target.call };
  return held.mode === target.mode ? null : { kind: "mode", call: held.call, leg: held.leg, mode: target.mode };
}

const LOUDNESS: Record<Mode, number> = { listen: 0, whisper: 1, barge: 2 };

export function audible(mode: Mode | undefined): boolean {
  return mode === "whisper" || mode === "barge";
}

/** Whether `step` lets fewer people hear the user than now: such a step is tried until it is done. */
export function quieter(held: Held | null, step: Step): boolean {
  if (step.kind === "leave") return true;
  return step.kind === "mode" && held !== null && LOUDNESS[step.mode] < LOUDNESS[held.mode];
}

/** This user's own leg on any call, as the server tells it. */
export function ownLeg(
  calls: ReadonlyMap<string, CallView>,
  ours: (call: string, leg: string) => boolean,
): Held | null {
  for (const call of calls.values()) {
    const leg = call.legs.find((candidate) => candidate.id === call.own_leg);
    if (leg?.mode && ours(call.id, leg.id)) return { call: call.id, leg: leg.id, mode: leg.mode, coach: leg.coach };
  }
  return null;
}

/** Whether a granted step shows in what the server tells: `revision` is that of its answer. */
export function reflected(step: Step, revision: number | undefined, calls: ReadonlyMap<string, CallView>): boolean {
  const call = calls.get(step.call);
  if (!call) return true;
  if (step.kind === "leave") return call.legs.every((leg) => leg.id !== step.leg);
  return revision !== undefined && (call.revision ?? 0) >= revision;
}

/**
 * What is wanted after the server changed something by itself. What it took away is not asked for
 * again; where more people would hear than wanted, the wish stands.
 */
export function adopted(before: Held | null, held: Held | null, target: Target | null): Target | null {
  if (!target) return null;
  if (!held) return before?.call === target.call ? null : target;
  const quieterNow = held.call === target.call && LOUDNESS[held.mode] < LOUDNESS[target.mode];
  return quieterNow ? { call: held.call, mode: held.mode } : target;
}

/** What the user is waiting for. */
export type Pending =
  | { kind: "asking"; call: string; mode: Mode }
  /** Until the server confirms, those of `from` may still hear what was said before. */
  | { kind: "leaving"; call: string; from: Mode; to: Mode | "off" };

export function pendingOf(held: Held | null, target: Target | null): Pending | null {
  if (held && held.call !== target?.call) return { kind: "leaving", call: held.call, from: held.mode, to: "off" };
  if (!target || (held && held.mode === target.mode)) return null;
  if (held && LOUDNESS[target.mode] < LOUDNESS[held.mode]) {
    return { kind: "leaving", call: held.call, from: held.mode, to: target.mode };
  }
  return { kind: "asking", call: target.call, mode: target.mode };
}

/** The mode that is asked for on this call and does not hold yet. */
export function askedMode(pending: Pending | null, call: string): Mode | null {
  if (pending?.call !== call) return null;
  const wanted = pending.kind === "asking" ? pending.mode : pending.to;
  return wanted === "off" ? null : wanted;
}
