import { limiter } from "./limiter";

/** A change of place or loudness takes some 60 ms: no click. */
const CHANGE_S = 0.02;

/** Whether this browser can part the ears, and still play to the speaker that is chosen. */
export function canSplit(): boolean {
  return typeof AudioContext !== "undefined" && "setSinkId" in AudioContext.prototype;
}

interface Placed {
  readonly source: MediaStreamAudioSourceNode;
  readonly gain: GainNode;
  readonly pan: StereoPannerNode;
}

/**
 * Plays tracks through Web Audio, each at a place between the ears, and a limiter behind their sum. The players of the
 * same streams have to run on, muted: browsers decode what comes only while a player takes it.
 */
export class Panorama {
  private readonly context = new AudioContext({ latencyHint: "interactive" });
  private readonly sum = limiter(this.context, this.context.destination);
  private readonly placed = new Map<number, Placed>();

  /** Plays a stream as the track at this place from now on. */
  play(track: number, stream: MediaStream): void {
    const before = this.placed.get(track)?.source;
    if (before?.mediaStream === stream) return;
    before?.disconnect();
    const source = this.context.createMediaStreamSource(stream);
    const [gain, pan] = [this.context.createGain(), this.context.createStereoPanner()];
    source.connect(gain).connect(pan).connect(this.sum);
    this.placed.set(track, { source, gain, pan });
  }

  /** From −1, left, to 1, right; and how loud. */
  place(track: number, pan: number, gain: number): void {
    const placed = this.placed.get(track);
    placed?.pan.pan.setTargetAtTime(pan, this.context.currentTime, CHANGE_S);
    placed?.gain.gain.setTargetAtTime(gain, this.context.currentTime, CHANGE_S);
  }

  /** Browsers play only after the user did something: call this from a click or key. */
  resume(): void {
    void this.context.resume();
  }

  /** Rejects if the browser cannot use the speaker. */
  async chooseSpeaker(deviceId: string): Promise<void> {
    await (this.context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(deviceId);
  }

  close(): void {
    void this.context.close();
  }
}
