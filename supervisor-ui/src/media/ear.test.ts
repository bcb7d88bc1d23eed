import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ear, TRACKS } from "./ear";
import { keepEars } from "./ears";

interface Source {
  timestamp: number;
}

function section(direction: RTCRtpTransceiverDirection) {
  const sources: Source[] = [];
  const counted = { type: "inbound-rtp", totalAudioEnergy: 0, totalSamplesDuration: 1 };
  const receiver = { getSynchronizationSources: () => sources, getStats: async () => new Map([["in", counted]]) };
  return { direction, sources, counted, sender: {}, receiver };
}

function setUp() {
  const sections: ReturnType<typeof section>[] = [];
  const peer = {
    ontrack: null as null | ((event: object) => void),
    addTransceiver: (_: string, { direction }: { direction: RTCRtpTransceiverDirection }) => {
      const added = section(direction);
      sections.push(added);
      return added;
    },
  };
  const made: HTMLAudioElement[] = [];
  vi.stubGlobal(
    "Audio",
    vi.fn(function audio() {
      const player = document.createElement("audio");
      made.push(player);
      return player;
    }),
  );
  const ear = new Ear();
  ear.offer(peer as unknown as RTCPeerConnection);
  const arrive = (place: number) => peer.ontrack?.({ track: { place }, transceiver: sections[place] });
  const sounds = (place: number) =>
    sections[place]?.sources.splice(0, 1, { timestamp: performance.timeOrigin + performance.now() });
  /** A second in which the tracks say this, dBov, or nothing. */
  const second = async (...dbov: (number | null)[]) => {
    for (let piece = 0; piece < 10; piece++) {
      dbov.forEach((level, place) => {
        const counted = sections[place]?.counted;
        if (level === null || !counted) return;
        sounds(place);
        counted.totalSamplesDuration += 0.1;
        counted.totalAudioEnergy += 0.1 * 10 ** ((piece % 5 < 4 ? level : -90) / 10);
      });
      await vi.advanceTimersByTimeAsync(100);
    }
  };
  const volumesDb = () => made.map(({ volume }) => Math.round(20 * Math.log10(volume)));
  return { ear, sections, made, arrive, sounds, second, volumesDb };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "MediaStream",
    class extends EventTarget {
      constructor(readonly tracks: object[]) {
        super();
      }
    },
  );
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the ear", () => {
  it("asks for every track at once, and sends on the first", () => {
    const { sections } = setUp();
    expect(sections.map(({ direction }) => direction)).toEqual(["sendrecv", "recvonly", "recvonly", "recvonly"]);
    expect(sections).toHaveLength(TRACKS);
  });

  it("plays each track by a player of its own", () => {
    const { ear, made, arrive } = setUp();
    [2, 0, 1, 3].forEach((place) => arrive(place));
    expect(made.map(({ srcObject }) => srcObject)).toEqual(ear.streams());
    expect(ear.streams()).toMatchObject([0, 1, 2, 3].map((place) => ({ tracks: [{ place }] })));
    ear.drop();
    expect(ear.streams()).toEqual([]);
  });

  it("lowers the caller while somebody else is heard, and only where that is wanted", async () => {
    const { ear, made, arrive, sounds } = setUp();
    arrive(0);
    arrive(1);
    const volumes = () => made.map(({ volume }) => volume);
    sounds(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(volumes()).toEqual([1, 1, 1, 1]);
    ear.duck(true);
    await vi.dynamicImportSettled();
    expect(volumes()).toEqual([0.5, 1, 1, 1]);
    // What comes mixed comes on the first track alone, ducked by the server.
    await vi.advanceTimersByTimeAsync(600);
    expect(volumes()).toEqual([1, 1, 1, 1]);
    sounds(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(volumes()).toEqual([0.5, 1, 1, 1]);
    ear.duck(false);
    await vi.dynamicImportSettled();
    expect(volumes()).toEqual([1, 1, 1, 1]);
  });

  it("brings a coach to the caller's loudness, and begins anew with the next one", async () => {
    const { ear, arrive, second, volumesDb } = setUp();
    [0, 1, 2, 3].forEach(arrive);
    ear.duck(true);
    await vi.dynamicImportSettled();
    for (let n = 0; n < 6; n++) await second(-34, -26, null, null);
    // Too loud by 8 dB, and the caller 6 dB lower.
    expect(volumesDb()).toEqual([-6, -8, 0, 0]);
    ear.duck(false);
    await vi.dynamicImportSettled();
    expect(volumesDb()).toEqual([0, 0, 0, 0]);
    ear.duck(true);
    await vi.dynamicImportSettled();
    for (let n = 0; n < 6; n++) await second(-26, -34, null, null);
    // Too quiet by 8 dB: a player has no more than its all, so the others are lower.
    expect(volumesDb()).toEqual([-14, 0, -8, -8]);
  });

  it("parts the ears while somebody coaches, if that is chosen and the browser can", async () => {
    const placed: { source: number; pan: number; gain: number }[] = [];
    const parameter = (set: (value: number) => void) => ({ setTargetAtTime: set });
    const closed = vi.fn();
    const played: object[] = [];
    class Context {
      currentTime = 0;
      destination = { is: "destination" };
      createDynamicsCompressor = () => {
        const node = { is: "limiter", threshold: {}, knee: {}, ratio: {}, attack: {}, release: {} };
        return { ...node, connect: (to: object) => to };
      };
      private now = { source: 0, pan: 0, gain: 1 };
      createMediaStreamSource = ({ tracks }: { tracks: { place: number }[] }) => {
        this.now = { source: tracks[0]?.place ?? -1, pan: 0, gain: 1 };
        placed.push(this.now);
        return { connect: (to: object) => to, disconnect: () => undefined };
      };
      createGain = () => {
        const { now } = this;
        return { gain: parameter((value) => (now.gain = value)), connect: (to: object) => to };
      };
      createStereoPanner = () => {
        const { now } = this;
        return { pan: parameter((value) => (now.pan = value)), connect: (to: object) => played.push(to) };
      };
      resume = () => Promise.resolve();
      close = closed;
      setSinkId() {
        return Promise.resolve();
      }
    }
    vi.stubGlobal("AudioContext", Context);
    const { ear, made, arrive, second } = setUp();
    const muted = () => made.map(({ muted }) => muted);
    [0, 1, 2, 3].forEach(arrive);
    keepEars("split");
    ear.duck(false);
    await vi.dynamicImportSettled();
    expect([placed.length, muted()]).toEqual([0, [false, false, false, false]]);
    ear.duck(true);
    await vi.dynamicImportSettled();
    expect(muted()).toEqual([true, true, true, true]);
    expect(placed.map(({ pan, gain }) => [pan, gain])).toEqual([0, 1, 2, 3].map(() => [0, 1]));
    expect(played).toMatchObject([0, 1, 2, 3].map(() => ({ is: "limiter" })));
    await second(-26, -26, null, null);
    expect(placed.map(({ pan }) => pan)).toEqual([-1, 1, 1, 1]);
    expect(placed[0]?.gain).toBe(0.5);
    ear.duck(false);
    await vi.dynamicImportSettled();
    expect(closed).toHaveBeenCalledOnce();
    expect(muted()).toEqual([false, false, false, false]);
    keepEars("both");
  });
});
