import type { Envelope, TextEnvelope } from "../wire/generated";
import { Meters, readingsOf } from "./meters";
import { reduce } from "./reduce";
import { INITIAL_STATE, type LiveState } from "./state";
import { EventSocket, type SocketEnd } from "./socket";
import { Envelope as Envelopes, TextEnvelope as TextEnvelopes } from "../wire/schemas";
import { isText, readerOf, type StreamMessage } from "../wire/stream";
import { act, type TextAction } from "./text/local";
import { createChannel, createStore } from "../store/store";

const METERS_SILENT_MAX_MS = 4000;
const WATCH_EVERY_MS = 500;

export interface LiveStoreConfig {
  /** Opens the event stream; a test passes a fake. */
  open: (onMessage: (envelope: StreamMessage) => void, onEnd: (end: SocketEnd) => void) => EventSocketLike;
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
  private readonly state = createStore(INITIAL_STATE);
  private readonly events = createChannel<[envelope: Envelope, before: LiveState]>();
  private readonly textEvents = createChannel<[envelope: TextEnvelope, before: LiveState]>();
  readonly getState = this.state.get;
  readonly subscribe = this.state.subscribe;
  /** Every numbered message, after it was taken into the state; `before` is the state without it. */
  readonly tap = this.events.listen;
  /** The same for conversations and chats. */
  readonly tapText = this.textEvents.listen;
  private socket: EventSocketLike | null = null;
  private watch: ReturnType<typeof setInterval> | undefined;
  private clockOffset: number | null = null;
  private metersAt: number | null = null;

  constructor(private readonly config: LiveStoreConfig) {}

  /** What this page itself does to conversations and chats. */
  act = (action: TextAction): void => {
    const state = this.state.get();
    const text = act(state.text, action);
    if (text !== state.text) this.state.set({ ...state, text });
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
    this.state.set(INITIAL_STATE);
  }

  retryNow(): void {
    this.socket?.retryNow();
  }

  /** The server's clock, Unix ms. */
  serverNow(): number {
    return this.config.now() + (this.clockOffset ?? 0);
  }

  private readonly take = (envelope: StreamMessage): void => {
    this.learnClock(envelope.at);
    if (envelope.type === "meters") {
      this.metersAt = this.config.now();
      this.meters.take(envelope.at, readingsOf(envelope.calls, this.state.get().calls));
      return;
    }
    const before = this.state.get();
    const reduced = reduce(before, envelope);
    if (reduced.kind === "gap") {
      this.socket?.retryNow();
      return;
    }
    this.state.set(reduced.state);
    if (isText(envelope)) {
      this.textEvents.emit(envelope, before);
      return;
    }
    if (envelope.type === "snapshot" || envelope.type === "call.ended") this.meters.keepOnly(reduced.state.calls);
    if (envelope.type !== "unknown") this.events.emit(envelope, before);
  };

  private readonly ended = (end: SocketEnd): void => {
    this.metersAt = null;
    this.clockOffset = null;
    this.meters.silence();
    if (end === "signed_out") {
      this.state.patch({ connection: { kind: "signed_out" } });
      return;
    }
    const { connection, heardAt } = this.state.get();
    if (connection.kind !== "live") return;
    this.state.patch({ seq: -1, connection: { kind: "lost", since: this.config.now(), heardAt } });
  };

  /** Meters come ten times a second while calls go on: their silence means a dead connection. */
  private readonly checkMeters = (): void => {
    if (this.metersAt === null) return;
    const expected = [...this.state.get().calls.values()].some((call) => call.state === "active");
    if (!expected) this.metersAt = null;
    else if (this.config.now() - this.metersAt > METERS_SILENT_MAX_MS) this.socket?.retryNow();
  };

  /** The least delayed message comes closest to the server's clock. */
  private learnClock(at: number): void {
    const offset = at - this.config.now();
    this.clockOffset = this.clockOffset === null ? offset : Math.max(this.clockOffset, offset);
  }
}

/** The store of this page's server. `stillSignedIn` tells a refused session from a lost server. */
export function liveStore(stillSignedIn: () => Promise<boolean>): LiveStore {
  return new LiveStore({
    open: (onMessage, onEnd) =>
      new EventSocket({ read: readerOf(Envelopes, TextEnvelopes), onMessage, onEnd, stillSignedIn }),
    now: Date.now,
  });
}
