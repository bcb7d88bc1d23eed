import type { Page } from "@playwright/test";

/** How loud a pitch was, dBFS. */
export interface Heard {
  /** In the loudest 50 ms: finds a beep. */
  loudest: number;
  /** What held for 175 ms: finds a voice, and not the crackle of a machine that is too busy. */
  lasting: number;
}

/** What runs in the page; see `install`. */
interface InPage {
  /** From now on notes these pitches in everything that is received, in short pieces; the number of the note. */
  note(pitches: readonly number[]): number;
  /** Ends that note. */
  noted(note: number): Heard[];
  /** Time from the next click or key until the remote sound is louder than `level`, ms. */
  onset(level: number): Promise<number>;
  /** RTP packets that were sent so far. */
  sent(): Promise<number>;
}

declare global {
  interface Window {
    ears: InPage;
  }
}

/** Silence. What a caller's browser makes of a forwarded voice has less than this at another pitch. */
export const SILENCE_DBFS = -75;
/** Nobody's voice, but what Opus at 24 kbit/s makes of two others in a mix. */
export const NO_VOICE_DBFS = -55;
/** A voice that is heard, after the browser's own processing of the microphone. */
export const VOICE_DBFS = -45;

/**
 * Measures what a page receives, with an AnalyserNode on the remote track itself. It asks nothing of
 * the product: every RTCPeerConnection that the page makes is seen, because it is wrapped beforehand.
 */
export class Ears {
  private constructor(private readonly page: Page) {}

  static async on(page: Page): Promise<Ears> {
    await page.addInitScript(install);
    return new Ears(page);
  }

  /** What was received of these pitches while `during` ran, in the order of the pitches. */
  async during(pitches: readonly number[], during: () => Promise<unknown>): Promise<Heard[]> {
    const note = await this.page.evaluate((wanted) => window.ears.note(wanted), pitches);
    await during();
    return this.page.evaluate((which) => window.ears.noted(which), note);
  }

  /** Listens for so long. */
  listen(pitches: readonly number[], ms: number): Promise<Heard[]> {
    return this.during(pitches, () => this.page.waitForTimeout(ms));
  }

  /** Call it, act, then await what it gave: ms from the click or key to the first sound. */
  onset(level = VOICE_DBFS): Promise<number> {
    return this.page.evaluate((loud) => window.ears.onset(loud), level);
  }

  sent(): Promise<number> {
    return this.page.evaluate(() => window.ears.sent());
  }
}

/** Runs in the page before anything of the product's. */
function install(): void {
  /** 683 ms at 48 kHz: the most that an analyser keeps. */
  const WINDOW = 32_768;
  const NOTE_EVERY_MS = 250;
  /** Pieces of 50 ms tell pitches 60 Hz apart, and still catch a beep of 100 ms. */
  const PIECE = 2400;
  const HOP = 1200;
  /** Pieces, each half over the next, that make "lasting". */
  const LASTING = 6;

  const peers: RTCPeerConnection[] = [];
  let context: AudioContext | null = null;
  let far: AnalyserNode | null = null;
  let near: AnalyserNode | null = null;
  const samples = new Float32Array(WINDOW);

  const listenTo = (track: MediaStreamTrack) => {
    if (track.kind !== "audio") return;
    context ??= new AudioContext({ sampleRate: 48_000 });
    void context.resume();
    const source = context.createMediaStreamSource(new MediaStream([track]));
    far ??= new AnalyserNode(context, { fftSize: WINDOW });
    near ??= new AnalyserNode(context, { fftSize: 256 });
    // Every track of every connection: the sum is what the user hears.
    source.connect(far).connect(near);
  };

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
      this.addEventListener("track", ({ track }) => listenTo(track));
    }
  };

  /** Goertzel's filter behind a Hann window: the level of one pitch, dBFS. */
  const levelOf = (pitch: number, from: number, length: number): number => {
    const turn = (2 * Math.PI * pitch) / 48_000;
    const coefficient = 2 * Math.cos(turn);
    let [before, last] = [0, 0];
    for (let i = 0; i < length; i += 1) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length);
      [before, last] = [last, (samples[from + i] ?? 0) * hann + coefficient * last - before];
    }
    const power = last * last + before * before - coefficient * last * before;
    return 10 * Math.log10(Math.max(power, 1e-12)) - 20 * Math.log10(length / 4);
  };

  class Note {
    private readonly pieces: number[][];
    private readonly begin = context?.currentTime ?? 0;
    private readonly timer = setInterval(() => this.take(), NOTE_EVERY_MS);

    constructor(private readonly pitches: readonly number[]) {
      this.pieces = pitches.map(() => []);
    }

    end(): Heard[] {
      clearInterval(this.timer);
      this.take();
      return this.pieces.map((levels) => ({
        loudest: Math.max(-120, ...levels),
        lasting: Math.max(
          -120,
          ...levels.map((_, i) => (i < LASTING ? -120 : Math.min(...levels.slice(i - LASTING, i)))),
        ),
      }));
    }

    private take(): void {
      if (!context || !far) return;
      far.getFloatTimeDomainData(samples);
      // What was there before the note began does not count.
      const fresh = Math.min(WINDOW, Math.floor((context.currentTime - this.begin) * 48_000));
      for (let from = WINDOW - fresh; from + PIECE <= WINDOW; from += HOP) {
        this.pitches.forEach((pitch, i) => this.pieces[i]?.push(levelOf(pitch, from, PIECE)));
      }
    }
  }
  const notes: Note[] = [];

  window.ears = {
    note(pitches) {
      return notes.push(new Note(pitches)) - 1;
    },
    noted(note) {
      return notes[note]?.end() ?? [];
    },
    onset(level) {
      const loud = 10 ** (level / 20);
      const heard = new Float32Array(256);
      return new Promise((resolve) => {
        const begin = (event: Event) => {
          removeEventListener("pointerdown", begin, true);
          removeEventListener("keydown", begin, true);
          const poll = setInterval(() => {
            near?.getFloatTimeDomainData(heard);
            if (!heard.some((sample) => Math.abs(sample) > loud)) return;
            clearInterval(poll);
            resolve(performance.now() - event.timeStamp);
          }, 4);
        };
        addEventListener("pointerdown", begin, true);
        addEventListener("keydown", begin, true);
      });
    },
    async sent() {
      let packets = 0;
      for (const peer of peers) {
        if (peer.connectionState === "closed") continue;
        (await peer.getStats()).forEach((entry: { type: string; packetsSent?: number }) => {
          if (entry.type === "outbound-rtp") packets += entry.packetsSent ?? 0;
        });
      }
      return packets;
    },
  };
}
