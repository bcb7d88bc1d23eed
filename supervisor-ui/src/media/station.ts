import { ApiError, type StationApi } from "../api/http";
import { Ear } from "./ear";
import type { Gate } from "./gate";
import type { Microphone } from "./microphone";
import { type Counters, type Quality, qualityBetween, readCounters } from "./quality";
import { iceFragment, withIceCredentials } from "./sdp";
import { local } from "../browser/storage";
import type { MediaFault, StationView as ToldStation } from "../wire/generated";
import { createChannel, createStore, type Readable } from "../store/store";

export type StationState =
  | { kind: "closed" }
  | { kind: "opening" }
  | { kind: "ready"; id: string }
  | { kind: "failed"; reason: string };

/** Everything that the page shows of a station. */
export interface StationView {
  readonly state: StationState;
  readonly quality: Quality | null;
  /** RTP packets sent since the gate last opened or closed; null until counted anew. */
  readonly sent: number | null;
  /** The microphone's sound is attached and goes out. */
  readonly transmitting: boolean;
  /** Whether the way to the server carries sound; `seeking`: it is interrupted, and another one is sought. */
  readonly path: "up" | "seeking";
  /** The browser plays nothing before the user does something. */
  readonly silenced: boolean;
  /** The microphone is muted outside of this page: by a key of the headset, or by the system. */
  readonly deviceMuted: boolean;
  /** What the server finds wrong with this station's sound. */
  readonly fault: MediaFault | null;
  /** Chosen devices, remembered in this browser; undefined: the system's. */
  readonly microphoneId: string | undefined;
  readonly speakerId: string | undefined;
}

const STORED = { microphone: "sotto.microphone", speaker: "sotto.speaker" };

const STATS_EVERY_MS = 1000;
/** Loss is a share over this many readings. */
const LOSS_READINGS = 10;
/** A path that does not come back by itself in this time is sought anew. */
const DISCONNECTED_MAX_MS = 1000;
/** A new path that is not there after this is sought once more. */
const RESTART_MAX_MS = 4000;
/** A refused or unanswered restart is tried again after this. */
const RESTART_RETRY_MS = 1000;
/** The server keeps a silent station for 30 s (consent, RFC 7675): until then nothing is given up. */
const SEEKING_MAX_MS = 28_000;
/** So long may the first path take. A network that lets no UDP through never has one. */
const CONNECT_MAX_MS = 15_000;

/** There is no way for sound to the server: UDP does not get through, most likely. */
export class NoPath extends Error {
  constructor() {
    super("no path for sound");
    this.name = "NoPath";
  }
}

/**
 * The user's media connection: opened once, kept warm for the shift, attached to call after call
 * with no renegotiation. It sends nothing unless its gate is open.
 */
export class Station {
  private readonly ear = new Ear();
  private readonly store = createStore<StationView>({
    state: { kind: "closed" },
    quality: null,
    sent: null,
    transmitting: false,
    path: "up",
    silenced: false,
    deviceMuted: false,
    fault: null,
    microphoneId: local.get(STORED.microphone) ?? undefined,
    speakerId: local.get(STORED.speaker) ?? undefined,
  });
  readonly view: Readable<StationView> = this.store;
  private readonly failures = createChannel<[reason: "media" | "microphone"]>();
  /** Tells when the media are gone for good, or when the microphone cannot be had. */
  readonly onFailure = this.failures.listen;
  private peer: RTCPeerConnection | null = null;
  private sender: RTCRtpSender | null = null;
  private answer = "";
  private opening: Promise<string> | null = null;
  private gate: Gate = "closed";
  private timers: ReturnType<typeof setTimeout>[] = [];
  private readings: Counters[] = [];
  private sentBefore: number | null = null;
  private closedSettled = true;
  /** Since when a new path is sought, and the one who seeks. */
  private seeking: Promise<void> | null = null;
  /** Ends with the peer: whatever waits for its connection. */
  private life = new AbortController();
  /** Leaving the page ends the station at once, unless this says that the next page goes on with it. */
  outlivesPage: () => boolean = () => false;

  constructor(
    private readonly api: StationApi,
    readonly microphone: Microphone,
  ) {
    this.ear.onSilenced((silenced) => this.store.patch({ silenced }));
    microphone.deviceId = this.store.get().microphoneId;
    // Another microphone takes over; without one, the failure is told.
    microphone.onGone = () => void this.recapture();
    microphone.onMuted = (deviceMuted) => this.store.patch({ deviceMuted });
    // A speaker that is gone leaves the system's.
    const { speakerId } = this.store.get();
    if (speakerId !== undefined) this.chooseSpeaker(speakerId).catch(() => this.store.patch({ speakerId: undefined }));
    window.addEventListener("pagehide", () => void (this.outlivesPage() || this.peer?.close()));
    // Back from the browser's cache: the page is as it was, its connection is not.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted && this.peer?.connectionState === "closed") this.fail("the page was away");
    });
  }

  /** The remote sound, for measurements: a stream a track. */
  remoteStreams(): MediaStream[] {
    return this.ear.streams();
  }

  /** Lowers the caller while somebody else is heard. */
  duck(wanted: boolean): void {
    this.ear.duck(wanted);
  }

  /** The station's id, if it is open. */
  id(): string | null {
    const { state } = this.store.get();
    return state.kind === "ready" ? state.id : null;
  }

  /** The station's id; opens it first if need be. Call `unlock` from a click for the sound. */
  open(): Promise<string> {
    const id = this.id();
    if (id !== null) return Promise.resolve(id);
    this.opening ??= this.connect().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Browsers play sound only after the user did something: call this from a click or key. */
  unlock(): void {
    void this.ear.play();
  }

  close(): void {
    const { state } = this.store.get();
    this.setGate("closed");
    this.dropPeer();
    if (state.kind === "ready") void this.api.closeStation(state.id).catch(() => undefined);
    this.store.patch({ state: { kind: "closed" }, quality: null, fault: null });
  }

  /** The server says that this station is gone. */
  closedByServer(id: string): void {
    if (this.id() === id) this.fail("the server closed it");
  }

  /** The server says how the sound of a station is. */
  toldByServer({ id, fault }: ToldStation): void {
    if (this.id() === id) this.store.patch({ fault: fault ?? null });
  }

  /**
   * Closing takes effect before this returns, and so does going back to armed, which keeps the
   * microphone: a mute. Opening takes as long as the microphone does.
   */
  setGate(gate: Gate): void {
    if (gate === this.gate) return;
    const before = this.gate;
    this.gate = gate;
    if (gate === "closed") this.shut();
    else if (before === "open") this.detach();
    else void this.capture();
  }

  /** Uses another microphone, at once if one is in use. */
  async chooseMicrophone(deviceId: string | undefined): Promise<void> {
    this.microphone.deviceId = deviceId;
    local.set(STORED.microphone, deviceId ?? null);
    this.store.patch({ microphoneId: deviceId });
    await this.recapture();
  }

  /** Rejects, and changes nothing, if the browser cannot use it. */
  async chooseSpeaker(deviceId: string | undefined): Promise<void> {
    await this.ear.chooseSpeaker(deviceId);
    local.set(STORED.speaker, deviceId ?? null);
    this.store.patch({ speakerId: deviceId });
  }

  private shut(): void {
    this.detach();
    this.microphone.close();
  }

  private detach(): void {
    this.closedSettled = false;
    this.sentBefore = null;
    this.microphone.silence();
    const detached = this.sender?.replaceTrack(null) ?? Promise.resolve();
    this.store.patch({ transmitting: false, sent: null });
    detached
      .catch(() => undefined)
      .finally(() => {
        this.closedSettled = true;
        void this.measure();
      });
  }

  private async capture(): Promise<void> {
    try {
      const track = await this.microphone.open();
      // Read anew after each wait: the gate may have closed meanwhile.
      if (this.gate !== "open") return;
      track.enabled = true;
      this.sentBefore = this.readings.at(-1)?.packetsSent ?? 0;
      await this.sender?.replaceTrack(track);
      if (this.isOpen()) this.store.patch({ transmitting: this.sender !== null });
      else await this.sender?.replaceTrack(null);
    } catch {
      if (this.gate !== "closed") this.tellFailure("microphone");
    }
  }

  private async recapture(): Promise<void> {
    if (this.gate === "closed") return;
    this.microphone.close();
    await this.capture();
  }

  private isOpen(): boolean {
    return this.gate === "open";
  }

  private async connect(): Promise<string> {
    this.dropPeer();
    this.store.patch({ state: { kind: "opening" }, quality: null, fault: null });
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.peer = peer;
    this.life = new AbortController();
    peer.onconnectionstatechange = () => this.connectionChanged(peer);
    try {
      // No track: the browser offers to send and sends nothing.
      this.sender = this.ear.offer(peer);
      await peer.setLocalDescription();
      const answer = await this.api.openStation(peer.localDescription?.sdp ?? "");
      this.answer = answer.sdp;
      await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      if (!(await connects(peer, CONNECT_MAX_MS, this.life.signal))) {
        if (peer === this.peer) void this.api.closeStation(answer.id).catch(() => undefined);
        throw new NoPath();
      }
      this.store.patch({ state: { kind: "ready", id: answer.id }, path: "up" });
      this.timers.push(setInterval(() => void this.measure(), STATS_EVERY_MS));
      // Whoever wanted to be heard before the connection was lost is heard again.
      if (this.isOpen()) void this.capture();
      return answer.id;
    } catch (error) {
      if (peer === this.peer) this.dropPeer();
      this.store.patch({ state: { kind: "failed", reason: error instanceof Error ? error.message : String(error) } });
      throw error;
    }
  }

  private connectionChanged(peer: RTCPeerConnection): void {
    if (peer !== this.peer) return;
    const { connectionState } = peer;
    if (connectionState === "connected") this.store.patch({ path: "up" });
    if (connectionState === "failed") this.seek(peer);
    if (connectionState === "disconnected") {
      this.store.patch({ path: "seeking" });
      this.timers.push(
        setTimeout(() => {
          if (peer === this.peer && peer.connectionState === "disconnected") this.seek(peer);
        }, DISCONNECTED_MAX_MS),
      );
    }
  }

  /** Seeks a new path until there is one, or until the server has given the station up. */
  private seek(peer: RTCPeerConnection): void {
    if (this.store.get().state.kind !== "ready" || this.seeking) return;
    this.store.patch({ path: "seeking" });
    this.seeking = this.restartUntil(peer, Date.now() + SEEKING_MAX_MS).finally(() => (this.seeking = null));
  }

  private async restartUntil(peer: RTCPeerConnection, deadline: number): Promise<void> {
    while (peer === this.peer && peer.connectionState !== "connected") {
      if (Date.now() >= deadline) return this.fail("no path to the server");
      const how = await this.restart(peer);
      if (how === "gone") return this.fail("the server closed it");
      if (how === "sent" && (await connects(peer, RESTART_MAX_MS, this.life.signal))) return;
      if (how === "failed") await online(RESTART_RETRY_MS);
    }
  }

  /** One ICE restart (PATCH, RFC 9725). `gone`: the server knows the station no more. */
  private async restart(peer: RTCPeerConnection): Promise<"sent" | "failed" | "gone"> {
    const { state } = this.store.get();
    if (state.kind !== "ready") return "gone";
    try {
      // What an earlier try offered was never answered.
      if (peer.signalingState === "have-local-offer") await peer.setLocalDescription({ type: "rollback" });
      await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
      const fragment = await this.api.patchStation(state.id, iceFragment(peer.localDescription?.sdp ?? ""));
      this.answer = withIceCredentials(this.answer, fragment);
      await peer.setRemoteDescription({ type: "answer", sdp: this.answer });
      return "sent";
    } catch (error) {
      return error instanceof ApiError && error.status === 404 ? "gone" : "failed";
    }
  }

  private fail(reason: string): void {
    const { state } = this.store.get();
    this.setGate("closed");
    this.dropPeer();
    if (state.kind === "ready") void this.api.closeStation(state.id).catch(() => undefined);
    this.store.patch({ state: { kind: "failed", reason }, quality: null, fault: null, path: "up" });
    this.tellFailure("media");
  }

  private tellFailure(reason: "media" | "microphone"): void {
    this.failures.emit(reason);
  }

  private dropPeer(): void {
    this.life.abort();
    this.timers.forEach(clearTimeout);
    this.timers = [];
    this.readings = [];
    this.sentBefore = null;
    this.sender = null;
    if (this.peer) this.peer.onconnectionstatechange = this.peer.ontrack = null;
    this.peer?.close();
    this.peer = null;
    this.ear.drop();
  }

  private async measure(): Promise<void> {
    const peer = this.peer;
    if (!peer) return;
    const counters = readCounters((await peer.getStats()).entries());
    if (peer !== this.peer) return;
    const before = this.readings[0] ?? counters;
    this.readings = [...this.readings, counters].slice(-LOSS_READINGS);
    if (this.gate !== "open" && this.closedSettled) this.sentBefore ??= counters.packetsSent;
    this.store.patch({
      quality: qualityBetween(before, counters),
      sent: this.sentBefore === null ? null : counters.packetsSent - this.sentBefore,
    });
  }
}

/** Whether the connection stands within this time, or until `signal`: a connection that is closed tells nothing. */
function connects(peer: RTCPeerConnection, maxMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (connected: boolean) => {
      clearTimeout(timer);
      peer.removeEventListener("connectionstatechange", look);
      signal.removeEventListener("abort", gone);
      resolve(connected);
    };
    const look = () => peer.connectionState === "connected" && done(true);
    const gone = () => done(false);
    const timer = setTimeout(gone, maxMs);
    peer.addEventListener("connectionstatechange", look);
    signal.addEventListener("abort", gone);
    look();
  });
}

/** Until the network is back, or for this time. */
function online(maxMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, maxMs);
    window.addEventListener("online", done);
  });
}
