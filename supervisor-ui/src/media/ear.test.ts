import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ear, TRACKS } from "./ear";

interface Source {
  timestamp: number;
}

function section(direction: RTCRtpTransceiverDirection) {
  const sources: Source[] = [];
  return { direction, sources, sender: {}, receiver: { getSynchronizationSources: () => sources } };
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
  return { ear, sections, made, arrive, sounds };
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

  it("lowers the caller while somebody else is heard, and only where that is wanted", () => {
    const { ear, made, arrive, sounds } = setUp();
    arrive(0);
    arrive(1);
    const volumes = () => made.map(({ volume }) => volume);
    sounds(1);
    vi.advanceTimersByTime(100);
    expect(volumes()).toEqual([1, 1, 1, 1]);
    ear.duck(true);
    expect(volumes()).toEqual([0.5, 1, 1, 1]);
    // What comes mixed comes on the first track alone, ducked by the server.
    vi.advanceTimersByTime(600);
    expect(volumes()).toEqual([1, 1, 1, 1]);
    sounds(1);
    vi.advanceTimersByTime(100);
    expect(volumes()).toEqual([0.5, 1, 1, 1]);
    ear.duck(false);
    expect(volumes()).toEqual([1, 1, 1, 1]);
  });
});
