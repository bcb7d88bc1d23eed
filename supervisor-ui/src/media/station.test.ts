import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/http";
import type { Microphone } from "./microphone";
import { NoPath, Station } from "./station";

/** What the station uses of a browser's connection; the test says how it fares. */
class FakePeer extends EventTarget {
  static made: FakePeer[] = [];
  connectionState = "new";
  signalingState = "stable";
  localDescription: { sdp: string } | null = null;
  ontrack: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  offers = 0;
  constructor() {
    super();
    FakePeer.made.push(this);
  }
  addTransceiver() {
    return { sender: { replaceTrack: () => Promise.resolve() }, receiver: {} };
  }
  createOffer() {
    this.offers += 1;
    return Promise.resolve({});
  }
  setLocalDescription(description?: { type: string }) {
    this.signalingState = description?.type === "rollback" ? "stable" : "have-local-offer";
    this.localDescription = { sdp: "m=audio 9\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\n" };
    return Promise.resolve();
  }
  setRemoteDescription() {
    this.signalingState = "stable";
    return Promise.resolve();
  }
  getStats() {
    return Promise.resolve(new Map());
  }
  close() {
    this.connectionState = "closed";
  }
  become(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

function setUp() {
  const api = {
    openStation: vi.fn(() => Promise.resolve({ id: "s1", sdp: "v=0\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\n" })),
    patchStation: vi.fn<() => Promise<string>>(() => Promise.resolve("")),
    closeStation: vi.fn(() => Promise.resolve()),
  };
  const microphone = { silence: () => undefined, close: () => undefined } as unknown as Microphone;
  const station = new Station(api as never, microphone);
  const failed = vi.fn();
  station.onFailure(failed);
  const open = async () => {
    const id = station.open();
    await vi.advanceTimersByTimeAsync(0);
    peer().become("connected");
    return id;
  };
  return { api, station, failed, open };
}

const peer = () => FakePeer.made.at(-1) as FakePeer;
const unreachable = () => Promise.reject(new ApiError("unreachable", 0, "no network"));

beforeEach(() => {
  vi.useFakeTimers();
  FakePeer.made = [];
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  vi.stubGlobal("MediaStream", EventTarget);
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a station", () => {
  it("is ready once there is a path for sound, and not before", async () => {
    const { station } = setUp();
    const opening = station.open();
    await vi.advanceTimersByTimeAsync(500);
    expect(station.id()).toBeNull();
    peer().become("connected");
    await expect(opening).resolves.toBe("s1");
    expect(station.id()).toBe("s1");
  });

  it("says that there is no path when nothing gets through, and gives the station back", async () => {
    const { station, api } = setUp();
    const opening = station.open().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await opening).toBeInstanceOf(NoPath);
    expect(station.view.get().state.kind).toBe("failed");
    expect(api.closeStation).toHaveBeenCalledWith("s1");
  });

  it("seeks a new path through a network that is away for seconds", async () => {
    const { station, api, failed, open } = setUp();
    await open();
    api.patchStation.mockImplementation(unreachable);
    peer().become("disconnected");
    expect(station.view.get().path).toBe("seeking");
    await vi.advanceTimersByTimeAsync(9000);
    expect(api.patchStation.mock.calls.length).toBeGreaterThan(3);
    expect(failed).not.toHaveBeenCalled();
    api.patchStation.mockResolvedValue("");
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(100);
    peer().become("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(failed).not.toHaveBeenCalled();
    expect(station.view.get()).toMatchObject({ path: "up", state: { kind: "ready", id: "s1" } });
  });

  it("gives up when the server would have", async () => {
    const { api, failed, open } = setUp();
    await open();
    api.patchStation.mockImplementation(unreachable);
    peer().become("failed");
    await vi.advanceTimersByTimeAsync(27_000);
    expect(failed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3000);
    expect(failed).toHaveBeenCalledExactlyOnceWith("media");
  });

  it("gives up at once when the server knows it no more", async () => {
    const { api, failed, open } = setUp();
    await open();
    api.patchStation.mockRejectedValue(new ApiError("/problems/not-found", 404, "no such station"));
    peer().become("failed");
    await vi.advanceTimersByTimeAsync(10);
    expect(failed).toHaveBeenCalledExactlyOnceWith("media");
  });

  it("that was closed with its page fails when the page comes back from the browser's cache", async () => {
    const { station, failed, open } = setUp();
    await open();
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    expect(peer().connectionState).toBe("closed");
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    expect(failed).toHaveBeenCalledExactlyOnceWith("media");
    const again = await open();
    expect(again).toBe("s1");
    expect(FakePeer.made).toHaveLength(2);
    expect(station.id()).toBe("s1");
  });

  it("outlives its page where the next page goes on with it", async () => {
    const { station, open } = setUp();
    await open();
    station.outlivesPage = () => true;
    window.dispatchEvent(new PageTransitionEvent("pagehide"));
    expect(peer().connectionState).toBe("connected");
  });

  it("says what the server finds wrong with its sound, of itself alone and until it is right again", async () => {
    const { station, open } = setUp();
    await open();
    const fault = () => station.view.get().fault;
    station.toldByServer({ id: "another", state: "connected", fault: "clipping" });
    expect(fault()).toBeNull();
    station.toldByServer({ id: "s1", state: "connected", fault: "clipping" });
    expect(fault()).toBe("clipping");
    station.toldByServer({ id: "s1", state: "connected" });
    expect(fault()).toBeNull();
    station.toldByServer({ id: "s1", state: "connected", fault: "digital_silence" });
    station.close();
    expect(fault()).toBeNull();
  });

  it("says that the browser plays nothing before a click", async () => {
    const { station, open } = setUp();
    vi.mocked(HTMLMediaElement.prototype.play).mockRejectedValue(new DOMException("no", "NotAllowedError"));
    await open();
    (peer().ontrack as (event: object) => void)({ track: {} });
    await vi.advanceTimersByTimeAsync(0);
    expect(station.view.get().silenced).toBe(true);
    vi.mocked(HTMLMediaElement.prototype.play).mockResolvedValue();
    station.unlock();
    await vi.advanceTimersByTimeAsync(0);
    expect(station.view.get().silenced).toBe(false);
  });
});
