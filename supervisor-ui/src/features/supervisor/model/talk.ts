import { useCallback, useMemo, useSyncExternalStore } from "react";
import { useLiveStore } from "../../../live/hooks";
import { BUCKET_MS, BUCKETS, type CallTrack, type LegTrack } from "../../../live/meters";
import type { CallView, LegView } from "../../../wire/generated";

/** Metered moments with speech that make a bar. */
const SPOKEN_MIN = 2;

/** Legs of one lane of a picture: everybody of a role speaks in one. */
export function lane(call: CallView, role: LegView["role"]): string[] {
  return call.legs.filter((leg) => leg.role === role).map((leg) => leg.id);
}

/** Loudest peak of these legs in a bucket, 0 … 1; 0 while nobody of them spoke. */
function peakAt(track: CallTrack, legs: readonly string[], bucket: number): number {
  const slot = bucket % BUCKETS;
  return Math.max(0, ...legs.map((id) => track.legs.get(id)).map((leg) => barOf(leg, slot)));
}

function barOf(leg: LegTrack | undefined, slot: number): number {
  return leg && (leg.spoken[slot] ?? 0) >= SPOKEN_MIN ? Math.max(0.2, leg.peaks[slot] ?? 0) : 0;
}

/** Vertical bars as an SVG path: one a bucket from `from` to `to`, around `middle`. */
export interface BarsConfig {
  track: CallTrack;
  legs: readonly string[];
  /** Bucket numbers, the last one included. */
  from: number;
  to: number;
  x: (bucket: number) => number;
  middle: number;
  /** Half the height of a full bar. */
  half: number;
}

export function barsPath({ track, legs, from, to, x, middle, half }: BarsConfig): string {
  let path = "";
  for (
    let bucket = Math.max(from, track.first, track.head - BUCKETS + 1);
    bucket <= Math.min(to, track.head);
    bucket += 1
  ) {
    const peak = peakAt(track, legs, bucket);
    if (peak > 0)
      path += `M${x(bucket).toFixed(1)} ${(middle - peak * half).toFixed(1)}v${(2 * peak * half).toFixed(1)}`;
  }
  return path;
}

/** Shares of the talking time since `from`, and the time in which two spoke at once. */
export function talkShare(track: CallTrack, callers: readonly string[], agents: readonly string[]) {
  const sum = (legs: readonly string[]) => legs.reduce((total, id) => total + momentsIn(track.legs.get(id)?.spoken), 0);
  const [caller, agent] = [sum(callers), sum(agents)];
  const all = caller + agent;
  const percent = all > 0 ? Math.round((100 * caller) / all) : 0;
  return {
    caller: percent,
    agent: all > 0 ? 100 - percent : 0,
    overSeconds: Math.round(momentsIn(track.over) / 10),
    any: all > 0,
  };
}

function momentsIn(counts: Uint8Array | undefined): number {
  return counts?.reduce((total, count) => total + count, 0) ?? 0;
}

/** Moments of talk-over: where two spoke at once for most of at least two buckets on end. */
export function talkOvers(track: CallTrack): number[] {
  const found: number[] = [];
  let run = 0;
  for (let bucket = Math.max(track.first, track.head - BUCKETS + 1); bucket <= track.head; bucket += 1) {
    run = (track.over[bucket % BUCKETS] ?? 0) >= 5 ? run + 1 : 0;
    if (run === 2) found.push((bucket - 1) * BUCKET_MS);
  }
  return found;
}

/** A supervisor by leg, a silence by its seconds. */
export type Speaks = "caller" | "agent" | "both" | "quiet" | "none" | `supervisor ${string}` | `silent ${number}`;

/** After so much silence it is worth a number. */
const SILENCE_MIN_S = 10;

/** Who speaks now. */
export function speaksNow(track: CallTrack | undefined, call: CallView): Speaks {
  if (!track || track.stale) return "none";
  const speaking = (role: LegView["role"]) => lane(call, role).some((id) => track.legs.get(id)?.speaking);
  const [caller, agent] = [speaking("caller"), speaking("agent")];
  if (caller && agent) return "both";
  if (caller) return "caller";
  if (agent) return "agent";
  const supervisor = lane(call, "supervisor").find((id) => track.legs.get(id)?.speaking);
  if (supervisor !== undefined) return `supervisor ${supervisor}`;
  const silence = Math.floor((track.head * BUCKET_MS - track.heardAt) / 1000);
  return silence >= SILENCE_MIN_S ? `silent ${silence}` : "quiet";
}

/** A value read from a call's meters. It must be a primitive: it is compared at every reading. */
export function useMetered<T extends string | number | boolean>(
  call: string,
  read: (track: CallTrack | undefined) => T,
): T {
  const { meters } = useLiveStore();
  const subscribe = useCallback((changed: () => void) => meters.subscribe(call, changed), [meters, call]);
  return useSyncExternalStore(subscribe, () => read(meters.track(call)));
}

/** The legs that speak now. */
export function useSpeaking(call: CallView): ReadonlySet<string> {
  const legs = useMetered(call.id, (track) =>
    call.legs.flatMap(({ id }) => (track?.legs.get(id)?.speaking ? [id] : [])).join(" "),
  );
  return useMemo(() => new Set(legs.split(" ").filter(Boolean)), [legs]);
}
