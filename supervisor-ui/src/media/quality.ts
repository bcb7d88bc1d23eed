import * as v from "valibot";

/** How the media of a station fare, from the browser's own statistics. */
export interface Quality {
  /** Round trip to the server, ms; null until measured. */
  rttMs: number | null;
  /** Share of packets lost on the way here, 0 … 1, over the last seconds. */
  lost: number;
  jitterMs: number;
  /** Share of the sound that was made up for what was missing, 0 … 1, over the last seconds; of the worst track. */
  concealed: number;
  /** RTP packets that this browser has sent since the station was opened. */
  packetsSent: number;
  packetsReceived: number;
}

export type QualityWord = "good" | "fair" | "poor";

/** Thresholds: where speech begins to suffer, and where it is hard to follow. */
const FAIR = { rttMs: 200, lost: 0.02, jitterMs: 30, concealed: 0.02 };
const POOR = { rttMs: 400, lost: 0.05, jitterMs: 60, concealed: 0.05 };

/** The one place that says how good a connection is: never better than what is heard. */
export function qualityWord(quality: Quality): QualityWord {
  if (worseThan(quality, POOR)) return "poor";
  return worseThan(quality, FAIR) ? "fair" : "good";
}

function worseThan(quality: Quality, limit: typeof FAIR): boolean {
  const { rttMs, lost, jitterMs, concealed } = quality;
  const late = (rttMs ?? 0) > limit.rttMs || jitterMs > limit.jitterMs;
  return late || lost > limit.lost || concealed > limit.concealed;
}

/** Counters of one moment. */
export interface Counters {
  rttMs: number | null;
  jitterMs: number;
  packetsSent: number;
  packetsReceived: number;
  packetsLost: number;
  /** What was played of each track that comes here, by the browser's name for it. */
  tracks: ReadonlyMap<string, Played>;
}

/** What was played of a track, samples; and packets that came of it. */
interface Played {
  samples: number;
  /** Made up, but for silence: what nobody sends is no loss. */
  concealed: number;
  packets: number;
}

/** Statistics differ by kind and browser: their fields are looked at one by one. */
const Stats = v.record(v.string(), v.unknown());

export function readCounters(report: Iterable<[string, unknown]>): Counters {
  const tracks = new Map<string, Played>();
  const counters: Counters = { rttMs: null, jitterMs: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0, tracks };
  for (const [id, entry] of report) {
    const read = v.safeParse(Stats, entry);
    if (!read.success) continue;
    const stats = read.output;
    const number = (name: string): number => (typeof stats[name] === "number" ? stats[name] : 0);
    if (stats["type"] === "outbound-rtp") counters.packetsSent += number("packetsSent");
    if (stats["type"] === "inbound-rtp") {
      counters.packetsReceived += number("packetsReceived");
      counters.packetsLost += number("packetsLost");
      // A spare track has none.
      counters.jitterMs = Math.max(counters.jitterMs, number("jitter") * 1000);
      tracks.set(id, {
        samples: number("totalSamplesReceived"),
        concealed: number("concealedSamples") - number("silentConcealedSamples"),
        packets: number("packetsReceived"),
      });
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
    concealed: Math.max(0, ...[...now.tracks].map(([id, played]) => concealedShare(before.tracks.get(id), played))),
    packetsSent: now.packetsSent,
    packetsReceived: now.packetsReceived,
  };
}

/** Of a track of which nothing came meanwhile nothing is missing: it is a spare one, or its source is silent. */
function concealedShare(before: Played | undefined, now: Played): number {
  const samples = now.samples - (before?.samples ?? 0);
  const packets = now.packets - (before?.packets ?? 0);
  if (samples <= 0 || packets <= 0) return 0;
  return Math.min(1, Math.max(0, (now.concealed - (before?.concealed ?? 0)) / samples));
}
