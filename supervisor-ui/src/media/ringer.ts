import type { Readable } from "../store/store";
import type { StationView } from "./station";

/** A tone that comes and goes: `on` seconds of sound, `off` seconds of silence. */
export interface Cadence {
  /** Hz, sounding together. */
  tones: readonly number[];
  on: number;
  off: number;
  /** 0 … 1 */
  gain: number;
}

/** Rings where somebody shall come: bright, in pairs with the pause. */
export const RING: Cadence = { tones: [660, 880], on: 0.9, off: 1.6, gain: 0.16 };
/** What a caller hears while it rings elsewhere: the European ringing tone (ITU-T E.180), softly. */
export const RINGBACK: Cadence = { tones: [425], on: 1, off: 4, gain: 0.06 };

/** A conversation is offered: once, and soft enough for an ear that listens to a caller. */
export const KNOCK: Cadence = { tones: [523, 784], on: 0.25, off: 0, gain: 0.06 };

/** Edges of a tone, so that it does not click. */
const EDGE_S = 0.03;

/** Plays a cadence by WebAudio until stopped. */
export class Ringer {
  private context: (AudioContext & { setSinkId?: (id: string) => Promise<void> }) | null = null;
  /** Where the context plays; a new one: at the system's. */
  private speaker = "";
  private stopTone: (() => void) | null = null;
  private unfollow: (() => void) | null = null;

  /**
   * Rings at the speaker that the station has, and follows it to another one.
   * `volume`: how loud at this moment, per cent of a cadence's own.
   */
  constructor(
    private readonly station: Readable<Pick<StationView, "speakerId">>,
    private readonly volume: () => number = () => 100,
  ) {}

  /** Browsers make sound only after the user did something: call this from a click or key. */
  unlock(): void {
    if (!this.context) {
      this.context = new AudioContext();
      this.speaker = "";
      this.unfollow = this.station.subscribe(() => void this.follow());
      void this.follow();
    }
    void this.context.resume();
  }

  /** Whether the page may make sound by itself. */
  get silent(): boolean {
    return !navigator.userActivation?.hasBeenActive && this.context?.state !== "running";
  }

  start(cadence: Cadence): void {
    this.stop();
    this.unlock();
    const context = this.context;
    if (!context) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let current: GainNode | null = null;
    const burst = () => {
      current = playBurst(context, this.scaled(cadence));
      timer = setTimeout(burst, (cadence.on + cadence.off) * 1000);
    };
    burst();
    this.stopTone = () => {
      clearTimeout(timer);
      current?.disconnect();
    };
  }

  /** One burst, beside whatever rings. */
  once(cadence: Cadence): void {
    this.unlock();
    if (this.context) playBurst(this.context, this.scaled(cadence));
  }

  private scaled(cadence: Cadence): Cadence {
    return { ...cadence, gain: (cadence.gain * this.volume()) / 100 };
  }

  stop(): void {
    this.stopTone?.();
    this.stopTone = null;
  }

  close(): void {
    this.stop();
    this.unfollow?.();
    this.unfollow = null;
    void this.context?.close();
    this.context = null;
  }

  /** To the station's speaker, where the browser can; without one, to the system's. */
  private async follow(): Promise<void> {
    const speaker = this.station.get().speakerId ?? "";
    if (speaker === this.speaker) return;
    this.speaker = speaker;
    await this.context?.setSinkId?.(speaker).catch(() => undefined);
  }
}

function playBurst(context: AudioContext, { tones, on, gain }: Cadence): GainNode {
  const begin = context.currentTime + 0.01;
  const volume = context.createGain();
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(gain / tones.length, begin + EDGE_S);
  volume.gain.setValueAtTime(gain / tones.length, begin + on - EDGE_S);
  volume.gain.linearRampToValueAtTime(0, begin + on);
  volume.connect(context.destination);
  for (const frequency of tones) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(volume);
    oscillator.start(begin);
    oscillator.stop(begin + on);
  }
  return volume;
}
