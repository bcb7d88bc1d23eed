import type { Envelope, TextEnvelope } from "../wire/generated";
import { Meters } from "./meters";
import { reduce } from "./reduce";
import { INITIAL_STATE, type LiveState } from "./state";
import { EventSocket, type SocketEnd } from "./socket";
import { isText } from "./text/envelope";
import { act, type TextAction } from "./text/local";

const METERS_SILENT_MAX_MS = 4000;
const WATCH_EVERY_MS = 500;

export interface LiveStoreConfig {
  /** Opens the event stream; a test passes a fake. */
  open: (onMessage: (envelope: Envelope | TextEnvelope) => void, onEnd: (end: SocketEnd) => void) => EventSocketLike;
  now: () => number;
}

/** What the store needs of a socket. */
export interface EventSocketLike {
  close(): void;
  retryNow(): void;
}

/**
 * The live state outside React: messages in, snapshots of an immutable state out. It holds no
 * opinion of its own; what the server has not said is not in it.
 */
export class LiveStore {
  readonly meters = new Meters();
  private state: LiveState = INITIAL_STATE;
  private readonly listeners = new Set<() => void>();
  private readonly taps = new Set<(envelope: Envelope, before: LiveState) => void>();
  private readonly textTaps = new Set<(envelope: TextEnvelope, before: LiveState) => void>();
  private socket: EventSocketLike | null = null;
  private watch: ReturnType<typeof setInterval> | undefined;
  private clockOffset: number | null = null;
  private metersAt: number | null = null;

  constructor(private readonly config: LiveStoreConfig) {}

  getState = (): LiveState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Every numbered message, after it was taken into the state; `before` is the state without it. */
  tap(listener: (envelope: Envelope, before: LiveState) => void): () => void {
    this.taps.add(listener);
    return () => this.taps.delete(listener);
  }

  /** The same for conversations and chats. */
  tapText(listener: (envelope: TextEnvelope, before: LiveState) => void): () => void {
    this.textTaps.add(listener);
    return () => this.textTaps.delete(listener);
  }

  /** What this page itself does to conversations and chats. */
  act = (action: TextAction): void => {
    const text = act(this.state.text, action);
    if (text !== this.state.text) this.set({ ...this.state, text });
  };

  start(): void {
    if (this.socket) return;
    this.socket = this.config.open(this.take, this.ended);
    this.watch = setInterval(this.checkMeters, WATCH_EVERY_MS);
  }

  stop(): void {
    this.socket?.close();
    this.socket = null;
    clearInterval(this.watch);
    this.set(INITIAL_STATE);
  }

  retryNow(): void {
    this.socket?.retryNow();
  }

  /** The server's clock, Unix ms. */
  serverNow(): number {
    return this.config.now() + (this.clockOffset ?? 0);
  }

  private readonly take = (envelope: Envelope | TextEnvelope): void => {
    this.learnClock(envelope.at);
    if (envelope.type === "meters") {
      this.metersAt = this.config.now();
      this.meters.take(envelope.at, envelope.calls);
      return;
    }
    const before = this.state;
    const reduced = reduce(before, envelope);
    if (reduced.kind === "gap") {
      this.socket?.retryNow();
      return;
    }
    this.set(reduced.state);
    if (isText(envelope)) {
      this.textTaps.forEach((listener) => listener(envelope, before));
      return;
    }
    if (envelope.type === "snapshot" || envelope.type === "call.ended") this.meters.keepOnly(reduced.state.calls);
    this.taps.forEach((listener) => listener(envelope, before));
  };

  private readonly ended = (end: SocketEnd): void => {
    this.metersAt = null;
    this.clockOffset = null;
    this.meters.silence();
    if (end === "signed_out") {
      this.set({ ...this.state, connection: { kind: "signed_out" } });
      return;
    }
    if (this.state.connection.kind !== "live") return;
    const since = this.config.now();
    this.set({ ...this.state, seq: -1, connection: { kind: "lost", since, heardAt: this.state.heardAt } });
  };

  /** Meters come ten times a second while calls go on: their silence means a dead connection. */
  private readonly checkMeters = (): void => {
    if (this.metersAt === null) return;
    const expected = [...this.state.calls.values()].some((call) => call.state === "active");
    if (!expected) this.metersAt = null;
    else if (this.config.now() - this.metersAt > METERS_SILENT_MAX_MS) this.socket?.retryNow();
  };

  /** The least delayed message comes closest to the server's clock. */
  private learnClock(at: number): void {
    const offset = at - this.config.now();
    this.clockOffset = this.clockOffset === null ? offset : Math.max(this.clockOffset, offset);
  }

  private set(state: LiveState): void {
    this.state = state;
    this.listeners.forEach((listener) => listener());
  }
}

/** The store of this page's server. `stillSignedIn` tells a refused session from a lost server. */
export function liveStore(stillSignedIn: () => Promise<boolean>): LiveStore {
  return new LiveStore({
    open: (onMessage, onEnd) => new EventSocket({ onMessage, onEnd, stillSignedIn }),
    now: Date.now,
  });
}
