import { ApiError } from "../../api/http";
import type { EventSocketConfig, SocketEnd } from "../../live/socket";
import { isText } from "../../wire/stream";
import type { Gate } from "../../media/gate";
import { RINGBACK, type Ringer } from "../../media/ringer";
import { NoPath, type Station } from "../../media/station";
import { readCustomers } from "../../requester/stream";
import type { Envelope } from "../../wire/generated";
import type { CallApi } from "./api";
import type { Beside } from "./beside";
import { endingOf, heard, type Told } from "./state";
import { type CallerView, FRESH } from "./view";
import { createStore, type Readable } from "../../store/store";

export interface CallerPorts {
  api: Pick<CallApi, "me" | "enter" | "place" | "mute" | "hangUp">;
  station: Pick<Station, "open" | "close" | "unlock" | "setGate" | "onFailure" | "microphone" | "toldByServer">;
  ringer: Pick<Ringer, "start" | "stop" | "unlock">;
  /** What is written beside the call. */
  beside: Pick<Beside, "hear" | "lost" | "callEnded" | "reset">;
  /** Opens the event stream. */
  events: (config: EventSocketConfig) => { close(): void };
}

/** One guest's call, from the form to its end. A new call is a new guest. */
export class Caller {
  private readonly store = createStore<CallerView>(FRESH);
  readonly view: Readable<CallerView> = this.store;
  private socket: { close(): void } | null = null;
  private own: string | null = null;
  private early: Envelope[] = [];
  private byYou = false;
  private clockOffset = 0;
  private ringingBack = false;

  constructor(private readonly ports: CallerPorts) {
    ports.station.onFailure((reason) => this.failed(reason));
  }

  /** The server's clock, Unix ms. */
  serverNow(): number {
    return Date.now() + this.clockOffset;
  }

  /** `replacing`: whoever is signed in to this browser is told, and has agreed, to be signed out. */
  async call(name: string, queue: { id: string; name: string }, replacing = false): Promise<void> {
    if (this.store.get().step === "connecting" || this.store.get().step === "calling") return;
    const { station, ringer } = this.ports;
    station.unlock();
    ringer.unlock();
    this.own = null;
    this.early = [];
    this.byYou = false;
    this.ports.beside.reset();
    this.store.patch({ ...FRESH, step: "connecting", queueName: queue.name });
    try {
      await this.connect(name, queue.id, replacing);
    } catch (error) {
      this.close();
      this.store.patch({ ...FRESH, ...this.problemOf(error) });
    }
  }

  /** The microphone falls silent before the server is even asked. */
  async mute(muted: boolean): Promise<void> {
    const { told } = this.store.get();
    this.store.patch({ muted });
    this.follow();
    if (told.kind !== "going" || told.call.own_leg === undefined) return;
    // What counts is this page's microphone; the server's word is shown to the other side.
    await this.ports.api.mute(told.call.id, told.call.own_leg, muted).catch(() => undefined);
  }

  async hangUp(): Promise<void> {
    const { told } = this.store.get();
    this.byYou = true;
    this.ports.station.setGate("closed");
    if (told.kind === "going") {
      await this.ports.api.hangUp(told.call.id).catch(() => undefined);
      this.end(told);
    } else {
      this.close();
      this.store.patch(FRESH);
    }
  }

  /** Tries a microphone that failed during the call again. */
  retryMicrophone(): void {
    this.store.patch({ microphoneFailed: false });
    this.ports.station.setGate("closed");
    this.follow();
  }

  again(): void {
    this.ports.beside.reset();
    this.store.patch(FRESH);
  }

  private async connect(name: string, queue: string, replacing: boolean): Promise<void> {
    const { api, station } = this.ports;
    await station.microphone.open().catch(() => {
      throw new NoMicrophone();
    });
    station.setGate("armed");
    if (!replacing) await this.refuseToReplace();
    await api.enter(name);
    this.socket = this.ports.events({
      read: readCustomers,
      onMessage: (envelope) => {
        this.ports.beside.hear(envelope, this.own);
        if (!isText(envelope) && envelope.type !== "unknown") this.heard(envelope);
      },
      onEnd: (end) => this.lost(end),
      stillSignedIn: () =>
        api.me().then(
          () => true,
          (error: unknown) => !(error instanceof ApiError && error.status === 401),
        ),
    });
    const call = await api.place(await station.open(), queue, name);
    this.own = call.id;
    this.store.patch({ step: "calling", told: { kind: "going", call } });
    this.early.splice(0).forEach((envelope) => this.heard(envelope));
    this.follow();
  }

  /** Signing in as a guest would sign somebody out who works here in another tab. */
  private async refuseToReplace(): Promise<void> {
    const user = await this.ports.api.me().catch(() => null);
    if (user && user.role !== "caller") throw new SignedIn(user.name);
  }

  private heard(envelope: Envelope): void {
    this.clockOffset = envelope.at - Date.now();
    if (envelope.type === "station.changed") this.ports.station.toldByServer(envelope.station);
    if (envelope.type === "snapshot") this.store.patch({ away: false });
    if (this.own === null) {
      // The call's first news may come before the answer that names it.
      if (envelope.type !== "snapshot" && envelope.type !== "meters") this.early.push(envelope);
      return;
    }
    const told = heard(this.store.get().told, envelope, this.own);
    if (told === this.store.get().told) return;
    this.store.patch({ told });
    if (told.kind === "over") this.end(told);
    else this.follow();
  }

  private lost(end: SocketEnd): void {
    if (this.store.get().step !== "calling") return;
    this.ports.beside.lost();
    if (end === "signed_out") this.end(this.store.get().told);
    else this.store.patch({ away: true });
  }

  private failed(reason: "media" | "microphone"): void {
    if (this.store.get().step !== "calling") return;
    if (reason === "microphone") return this.store.patch({ microphoneFailed: true });
    const { told } = this.store.get();
    if (told.kind === "going") void this.ports.api.hangUp(told.call.id).catch(() => undefined);
    this.end(told.kind === "none" ? told : { kind: "over", call: { ...told.call, end_reason: "lost" } });
  }

  private end(told: Told): void {
    if (this.store.get().step === "ended") return;
    const call = told.kind === "none" ? null : told.call;
    const answered = call?.answered_at;
    this.close();
    this.ports.beside.callEnded();
    this.store.patch({
      step: "ended",
      told,
      ended: {
        ending: call ? endingOf(call, this.byYou) : "lost",
        lastedMs: answered === undefined ? null : this.serverNow() - answered,
      },
    });
  }

  /** Brings microphone and ringing tone in line with what the server says. */
  private follow(): void {
    const { told, muted } = this.store.get();
    const state = told.kind === "going" ? told.call.state : null;
    const rings = state === "ringing";
    if (rings !== this.ringingBack) {
      this.ringingBack = rings;
      if (rings) this.ports.ringer.start(RINGBACK);
      else this.ports.ringer.stop();
    }
    const gate: Gate = state === null ? "closed" : state === "active" && !muted ? "open" : "armed";
    this.ports.station.setGate(gate);
  }

  private close(): void {
    this.ringingBack = false;
    this.ports.ringer.stop();
    this.socket?.close();
    this.socket = null;
    this.ports.station.close();
    this.ports.station.microphone.close();
  }

  private problemOf(error: unknown): Partial<CallerView> {
    if (error instanceof NoMicrophone) return { problem: "microphone" };
    if (error instanceof NoPath) return { problem: "noPath" };
    if (error instanceof SignedIn) return { problem: "signedIn", signedInAs: error.who };
    if (!(error instanceof ApiError)) return { problem: "failed" };
    if (error.unanswered) return { problem: "unreachable" };
    if (error.kind === "/problems/queue-closed") return { problem: "closed" };
    return { problem: error.status === 503 || error.status === 429 ? "busy" : "failed" };
  }
}

class NoMicrophone extends Error {}

class SignedIn extends Error {
  constructor(readonly who: string) {
    super("somebody is signed in");
  }
}
