import { Loudness, MatchGain } from "./loudness";

/** The energy of what came, as the browser sums it up: mean square times length. */
interface Counted {
  readonly energy: number;
  readonly seconds: number;
}

const NOTHING: Counted = { energy: 0, seconds: 0 };

/** What is known of one track while the agent is coached. */
class Voice {
  readonly loudness = new Loudness();
  readonly match = new MatchGain();
  private counted = NOTHING;

  /** Takes what the browser has counted of the sound so far; how long somebody spoke since the last time, s. */
  hear(counted: Counted): number {
    const [before, seconds] = [this.counted, counted.seconds - this.counted.seconds];
    this.counted = counted;
    // What was counted before somebody coached says nothing of now.
    if (before.seconds === 0 || seconds <= 0) return 0;
    return this.loudness.hear((counted.energy - before.energy) / seconds, seconds) ? seconds : 0;
  }
}

/** Brings whoever coaches an agent to the loudness of the caller, who is on the first track. */
export class Balance {
  private readonly voices: Voice[];

  constructor(tracks: number) {
    this.voices = Array.from({ length: tracks }, () => new Voice());
  }

  /** Takes what has come since the last time. */
  async hear(receivers: readonly RTCRtpReceiver[]): Promise<void> {
    const counted = await Promise.all(receivers.map(counts));
    const spoke = this.voices.map((voice, place) => voice.hear(counted[place] ?? NOTHING));
    const callers = this.voices[0]?.loudness.power() ?? null;
    this.voices.slice(1).forEach(({ match, loudness }, n) => match.follow(loudness, callers, spoke[n + 1] ?? 0));
  }

  /** What the track in this place is to be raised by, dB. */
  raisedDb(place: number): number {
    return this.voices[place]?.match.db ?? 0;
  }
}

/** What the browser has counted of what a receiver got. */
async function counts(receiver: RTCRtpReceiver): Promise<Counted> {
  let counted = NOTHING;
  (await receiver.getStats()).forEach((entry: RTCInboundRtpStreamStats) => {
    if (entry.type !== "inbound-rtp") return;
    counted = { energy: entry.totalAudioEnergy ?? 0, seconds: entry.totalSamplesDuration ?? 0 };
  });
  return counted;
}
