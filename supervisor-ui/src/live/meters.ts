import type { CallMeters, CallView, LegView } from "../wire/generated";
import { type Channel, createChannel } from "../store/store";

/** One bar of a talk history. */
export const BUCKET_MS = 1000;
/** How far back the histories go: the timeline's three minutes, and the bar that is being filled. */
export const BUCKETS = 181;
/** Silence below, full scale above, in dBFS: speech lies between. */
const FLOOR_DBFS = -60;
const CEILING_DBFS = -10;

/** What the server adds to the level of a leg that speaks. */
const SPEAKS = 128;

/** The levels of one call at one moment. */
export interface CallReading {
  call: string;
  /** Levels in dBFS. */
  legs: { leg: string; level: number; speaking: boolean }[];
}

/** What the server told, by the legs of the calls as it told them before. */
export function readingsOf(told: readonly CallMeters[], calls: ReadonlyMap<string, CallView>): CallReading[] {
  return told.flatMap(({ call, legs: levels }) => {
    const legs = calls.get(call)?.legs;
    if (legs?.length !== levels.length) return [];
    const reading = ({ id }: LegView, index: number) => {
      const level = levels[index] ?? 0;
      const speaking = level > 0;
      return { leg: id, level: speaking ? level - SPEAKS : level, speaking };
    };
    return [{ call, legs: legs.map(reading) }];
  });
}

/** One leg's present level and its last three minutes. */
export interface LegTrack {
  /** 0 … 1 */
  level: number;
  speaking: boolean;
  /** Peak of each bucket while it spoke, 0 … 1, a ring indexed by bucket number. */
  readonly peaks: Float32Array;
  /** Metered moments with speech in each bucket. */
  readonly spoken: Uint8Array;
}

/** The meters of one call. */
export interface CallTrack {
  readonly legs: Map<string, LegTrack>;
  /** Metered moments in each bucket in which two legs spoke at once. */
  readonly over: Uint8Array;
  /** Number of the newest bucket: server time / BUCKET_MS. */
  head: number;
  /** Number of the first bucket seen by this page. */
  first: number;
  /** Server time at which somebody last spoke, or of the first reading. */
  heardAt: number;
  /** No reading since the connection was lost: nothing is known of this moment. */
  stale: boolean;
}

/**
 * Levels and talk histories. They change ten times a second and so bypass React: readers subscribe
 * and write to the DOM themselves. The newest reading overwrites; nothing is queued.
 */
export class Meters {
  private readonly tracks = new Map<string, CallTrack>();
  private readonly listeners = new Map<string, Channel<[]>>();

  track(call: string): CallTrack | undefined {
    return this.tracks.get(call);
  }

  /** `listener` runs at each reading of this call, and once when it is forgotten. */
  subscribe(call: string, listener: () => void): () => void {
    const channel = this.listeners.get(call) ?? createChannel({ whileHeard: () => () => this.listeners.delete(call) });
    this.listeners.set(call, channel);
    return channel.listen(listener);
  }

  take(at: number, readings: readonly CallReading[]): void {
    for (const reading of readings) {
      this.takeCall(at, reading);
      this.listeners.get(reading.call)?.emit();
    }
  }

  /** Forgets every call but `calls`. */
  keepOnly(calls: ReadonlyMap<string, unknown>): void {
    for (const id of this.tracks.keys()) {
      if (!calls.has(id)) this.tracks.delete(id);
    }
  }

  /** The connection is gone: what was measured stays, but nobody is shown speaking. */
  silence(): void {
    for (const [id, track] of this.tracks) {
      track.stale = true;
      for (const leg of track.legs.values()) {
        leg.level = 0;
        leg.speaking = false;
      }
      this.listeners.get(id)?.emit();
    }
  }

  private takeCall(at: number, reading: CallReading): void {
    const bucket = Math.floor(at / BUCKET_MS);
    const track = this.tracks.get(reading.call) ?? newTrack(bucket, at);
    this.tracks.set(reading.call, track);
    track.stale = false;
    advance(track, bucket);
    const slot = bucket % BUCKETS;
    let speaking = 0;
    for (const { leg, level, speaking: speaks } of reading.legs) {
      const leg_track = track.legs.get(leg) ?? newLeg(track, leg);
      leg_track.level = scale(level);
      leg_track.speaking = speaks;
      if (!speaks) continue;
      speaking += 1;
      leg_track.peaks[slot] = Math.max(leg_track.peaks[slot] ?? 0, leg_track.level);
      leg_track.spoken[slot] = (leg_track.spoken[slot] ?? 0) + 1;
    }
    if (speaking > 0) track.heardAt = at;
    if (speaking > 1) track.over[slot] = (track.over[slot] ?? 0) + 1;
  }
}

/** dBFS → 0 … 1 of a meter. */
export function scale(dbfs: number): number {
  return Math.min(1, Math.max(0, (dbfs - FLOOR_DBFS) / (CEILING_DBFS - FLOOR_DBFS)));
}

function newTrack(bucket: number, at: number): CallTrack {
  return { legs: new Map(), over: new Uint8Array(BUCKETS), head: bucket, first: bucket, heardAt: at, stale: false };
}

function newLeg(track: CallTrack, leg: string): LegTrack {
  const fresh = { level: 0, speaking: false, peaks: new Float32Array(BUCKETS), spoken: new Uint8Array(BUCKETS) };
  track.legs.set(leg, fresh);
  return fresh;
}

/** Empties the buckets that the ring is about to reuse. */
function advance(track: CallTrack, bucket: number): void {
  const from = Math.max(track.head + 1, bucket - BUCKETS + 1);
  for (let number = from; number <= bucket; number += 1) {
    const slot = number % BUCKETS;
    track.over[slot] = 0;
    for (const leg of track.legs.values()) {
      leg.peaks[slot] = 0;
      leg.spoken[slot] = 0;
    }
  }
  track.head = Math.max(track.head, bucket);
}
