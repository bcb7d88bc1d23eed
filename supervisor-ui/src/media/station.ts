import type { StationApi } from "../api/http";
import type { Gate } from "./gate";
import type { Microphone } from "./microphone";
import { type Counters, type Quality, qualityBetween, readCounters } from "./quality";
import { iceFragment, withIceCredentials } from "./sdp";
import { local } from "../browser/storage";
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
/** So long may a new path take before the station is given up. */
const RESTART_MAX_MS = 4000;

/**
 * The user's media connection: opened once, kept warm for the shift, attached to call after call
 * with no renegotiation. It sends nothing unless its gate is open.
 */
export class Station {
  /** Plays what the server sends. */
  readonly audio = new Audio();
  private readonly store = createStore<StationView>({
    state: { kind: "closed" },
    quality: null,
    sent: null,
    transmitting: false,
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

  constructor(
    private readonly api: StationApi,
    readonly microphone: Microphone,
  ) {
    this.audio.autoplay = true;
    microphone.deviceId = this.store.get().microphoneId;
    // Another microphone takes over; without one, the failure is told.
    microphone.onGone = () => void this.recapture();
    // A speaker that is gone leaves the system's.
    const { speakerId } = this.store.get();
    if (speakerId !== undefined) this.chooseSpeaker(speakerId).catch(() => this.store.patch({ speakerId: undefined }));
    window.addEventListener("pagehide", () => this.peer?.close());
  }

  /** The remote sound, for measurements. */
  remoteStream(): MediaStream | null {
    return this.audio.srcObject instanceof MediaStream ? this.audio.srcObject : null;
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
    void this.audio.play().catch(() => undefined);
  }

  close(): void {
    const { state } = this.store.get();
    this.setGate("closed");
    this.dropPeer();
    if (state.kind === "ready") void this.api.closeStation(state.id).catch(() => undefined);
    this.store.patch({ state: { kind: "closed" }, quality: null });
  }

  /** The server says that this station is gone. */
  closedByServer(id: string): void {
    if (this.id() === id) this.fail("the server closed it");
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
    await this.audio.setSinkId(deviceId ?? "");
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
    this.store.patch({ state: { kind: "opening" }, quality: null });
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.peer = peer;
    peer.ontrack = ({ track }) => {
      this.audio.srcObject = new MediaStream([track]);
    };
    peer.onconnectionstatechange = () => this.connectionChanged(peer);
    try {
      // No track: the browser offers to send and sends nothing.
      this.sender = peer.addTransceiver("audio", { direction: "sendrecv" }).sender;
      await peer.setLocalDescription();
      const answer = await this.api.openStation(peer.localDescription?.sdp ?? "");
      this.answer = answer.sdp;
      await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.store.patch({ state: { kind: "ready", id: answer.id } });
      this.timers.push(setInterval(() => void this.measure(), STATS_EVERY_MS));
      return answer.id;
    } catch (error) {
      this.dropPeer();
      this.store.patch({ state: { kind: "failed", reason: error instanceof Error ? error.message : String(error) } });
      throw error;
    }
  }

  private connectionChanged(peer: RTCPeerConnection): void {
    if (peer !== this.peer) return;
    if (peer.connectionState === "failed") void this.restart(peer);
    if (peer.connectionState === "disconnected") {
      this.timers.push(
        setTimeout(() => {
          if (peer === this.peer && peer.connectionState === "disconnected") void this.restart(peer);
        }, DISCONNECTED_MAX_MS),
      );
    }
  }

  /** Seeks a new path (ICE restart by PATCH); gives the station up when there is none. */
  private async restart(peer: RTCPeerConnection): Promise<void> {
    const { state } = this.store.get();
    if (state.kind !== "ready" || peer.signalingState !== "stable") return;
    this.timers.push(
      setTimeout(() => {
        if (peer === this.peer && peer.connectionState !== "connected") this.fail("no path to the server");
      }, RESTART_MAX_MS),
    );
    try {
      await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
      const fragment = await this.api.patchStation(state.id, iceFragment(peer.localDescription?.sdp ?? ""));
      this.answer = withIceCredentials(this.answer, fragment);
      await peer.setRemoteDescription({ type: "answer", sdp: this.answer });
    } catch {
      if (peer === this.peer) this.fail("the path could not be renewed");
    }
  }

  private fail(reason: string): void {
    const { state } = this.store.get();
    this.setGate("closed");
    this.dropPeer();
    if (state.kind === "ready") void this.api.closeStation(state.id).catch(() => undefined);
    this.store.patch({ state: { kind: "failed", reason }, quality: null });
    this.tellFailure("media");
  }

  private tellFailure(reason: "media" | "microphone"): void {
    this.failures.emit(reason);
  }

  private dropPeer(): void {
    this.timers.forEach(clearTimeout);
    this.timers = [];
    this.readings = [];
    this.sentBefore = null;
    this.sender = null;
    if (this.peer) this.peer.onconnectionstatechange = this.peer.ontrack = null;
    this.peer?.close();
    this.peer = null;
    this.audio.srcObject = null;
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
