import * as v from "valibot";

/** How the media of a station fare, from the browser's own statistics. */
export interface Quality {
  /** Round trip to the server, ms; null until measured. */
  rttMs: number | null;
  /** Share of packets lost on the way here, 0 … 1, over the last seconds. */
  lost: number;
  jitterMs: number;
  /** RTP packets that this browser has sent since the station was opened. */
  packetsSent: number;
  packetsReceived: number;
}

export type QualityWord = "good" | "fair" | "poor";

/** Thresholds: where speech begins to suffer, and where it is hard to follow. */
const FAIR = { rttMs: 200, lost: 0.02, jitterMs: 30 };
const POOR = { rttMs: 400, lost: 0.05, jitterMs: 60 };

export function qualityWord(quality: Quality): QualityWord {
  if (worseThan(quality, POOR)) return "poor";
  return worseThan(quality, FAIR) ? "fair" : "good";
}

function worseThan(quality: Quality, limit: typeof FAIR): boolean {
  const { rttMs, lost, jitterMs } = quality;
  return (rttMs ?? 0) > limit.rttMs || lost > limit.lost || jitterMs > limit.jitterMs;
}

/** Counters of one moment. */
export interface Counters {
  rttMs: number | null;
  jitterMs: number;
  packetsSent: number;
  packetsReceived: number;
  packetsLost: number;
}

/** Statistics differ by kind and browser: their fields are looked at one by one. */
const Stats = v.record(v.string(), v.unknown());

export function readCounters(report: Iterable<[string, unknown]>): Counters {
  const counters: Counters = { rttMs: null, jitterMs: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 };
  for (const [, entry] of report) {
    const read = v.safeParse(Stats, entry);
    if (!read.success) continue;
    const stats = read.output;
    const number = (name: string): number => (typeof stats[name] === "number" ? stats[name] : 0);
    if (stats["type"] === "outbound-rtp") counters.packetsSent += number("packetsSent");
    if (stats["type"] === "inbound-rtp") {
      counters.packetsReceived += number("packetsReceived");
      counters.packetsLost += number("packetsLost");
      counters.jitterMs = number("jitter") * 1000;
    }
    const nominated = stats["type"] === "candidate-pair" && stats["nominated"] === true;
    if (nominated && stats["currentRoundTripTime"] !== undefined) {
      counters.rttMs = number("currentRoundTripTime") * 1000;
    }
  }
  return counters;
}

/** Quality over the time between two readings. */
export function qualityBetween(before: Counters, now: Counters): Quality {
  const received = now.packetsReceived - before.packetsReceived;
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  return {
    rttMs: now.rttMs,
    lost: received + lost > 0 ? lost / (received + lost) : 0,
    jitterMs: now.jitterMs,
    packetsSent: now.packetsSent,
    packetsReceived: now.packetsReceived,
  };
}
