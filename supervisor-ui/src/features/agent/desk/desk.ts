import type { Api } from "../../../api/client";
import { ApiError } from "../../../api/http";
import type { LiveState } from "../../../live/state";
import type { LiveStore } from "../../../live/store";
import type { Gate } from "../../../media/gate";
import type { Ringer } from "../../../media/ringer";
import { NoPath, type Station } from "../../../media/station";
import type { AgentView, CallView, EndReason, Envelope, LegView, PresenceChoice } from "../../../wire/generated";
import { bellOf } from "./bell";
import { onLeaving } from "./leaving";
import { OwnCall } from "./ownCall";
import { MISSED, phaseOf } from "./phase";
import { loadRecent, type RecentCall, saveRecent, withEnded } from "./recent";
import { createStore, type Readable, type Store } from "../../../store/store";

/** A station that could not be opened is tried again after this, then less often. */
const WARM_RETRY_FIRST_MS = 1000;
const WARM_RETRY_MAX_MS = 15_000;

/** What the agent asked the server for and has no answer to yet. */
export type Order = "accept" | "decline" | "dial" | "mute" | "hold" | "hangup" | "help" | "presence";

/** One thing that the agent has to know; it stays until it no longer holds or is closed. */
export type Notice =
  | { kind: "microphone" }
  | { kind: "media" }
  /** There is no way for sound to the server at all: UDP is blocked, most likely. */
  | { kind: "path" }
  /** The sound was away, or the server, so no call rings here until the agent says so. */
  | { kind: "unready" }
  | { kind: "missed"; caller: string }
  | { kind: "gone" }
  /** `away`: while the server was silent; `reloaded`: while the page was loaded again. */
  | { kind: "ended"; caller: string; reason: EndReason | "away" | "reloaded" | null }
  /** The agent handed it over. */
  | { kind: "transferred"; caller: string; to: string }
  | { kind: "failed"; order: Order; detail: string };

/** What the keys of the call open. */
export type CallDialog = "help" | "transfer" | "conference" | "note";

export interface DeskView {
  readonly notice: Notice | null;
  readonly pending: Order | null;
  /** The agent wants to be silent. */
  readonly muted: boolean;
  /** The call whose sound is in this page. */
  readonly here: string | null;
  /** What the agent has chosen to be once the call is over. */
  readonly afterCall: PresenceChoice | null;
  /** The microphone is muted outside of this page. */
  readonly deviceMuted: boolean;
  /** The microphone is open, to be looked at; nothing is sent. */
  readonly testing: boolean;
  readonly recent: readonly RecentCall[];
  readonly dialog: CallDialog | null;
}

export interface DeskPorts {
  user: string;
  api: Pick<Api, "answer" | "dial" | "order" | "lastOrder" | "help" | "updateLeg" | "setPresence">;
  live: Pick<LiveStore, "getState" | "subscribe" | "tap">;
  station: Pick<
    Station,
    "open" | "close" | "unlock" | "setGate" | "onFailure" | "microphone" | "view" | "outlivesPage"
  >;
  ringer: Pick<Ringer, "start" | "stop" | "unlock">;
}

/** The agent's side of the calls: what was asked for, and a microphone that follows what holds. */
export class Desk {
  private readonly store: Store<DeskView>;
  readonly view: Readable<DeskView>;
  private gate: Gate = "closed";
  private ringing: string | null = null;
  private lastOffer = "";
  /** The call that the agent is or was just on. */
  private own: { call: CallView; leg: string } | null = null;
  /** What this tab carries over its reloads. */
  private readonly carried = new OwnCall();
  /** The own leg is still attached to a connection that is gone. */
  private detached = false;
  /** The call of which was asked whether an earlier page carried it. */
  private asked: string | null = null;
  /** A connection that was lost has made the agent Not ready. */
  private unreadied = false;
  /** What the server was last told of the microphone, besides the agent's own mute. */
  private toldDeviceMuted = false;
  /** The agent hands it over: by the server's word, to whom. */
  private handingTo: string | null = null;
  private warmTimer: ReturnType<typeof setTimeout> | undefined;
  private warmDelay = WARM_RETRY_FIRST_MS;
  private disposed = false;
  private readonly untie: (() => void)[];

  constructor(private readonly ports: DeskPorts) {
    this.store = createStore<DeskView>({
      notice: null,
      pending: null,
      muted: false,
      here: null,
      afterCall: null,
      testing: false,
      deviceMuted: false,
      recent: loadRecent(ports.user),
      dialog: null,
    });
    this.view = this.store;
    this.untie = [
      ports.live.tap((envelope, before) => this.heard(envelope, before)),
      ports.live.subscribe(() => this.follow()),
      ports.station.onFailure((reason) => this.stationFailed(reason)),
      ports.station.view.subscribe(() => this.deviceChanged()),
      onLeaving(() => this.leaving()),
    ];
    ports.station.outlivesPage = () => this.carriesCall();
    this.warm();
    this.follow();
    // The page may have been told how everything stands before the desk was there.
    const { connection, heardAt } = ports.live.getState();
    if (connection.kind === "live") this.cameBack(heardAt ?? 0, undefined);
  }

  dispose(): void {
    this.disposed = true;
    this.untie.forEach((untie) => untie());
    clearTimeout(this.warmTimer);
    this.ports.ringer.stop();
    this.ports.station.setGate("closed");
  }

  closeNotice(): void {
    this.store.patch({ notice: null });
  }

  /** Opens a dialog about the call that the agent is on. */
  open(dialog: CallDialog | null): void {
    if (dialog === null || this.phase().kind === "talking") this.store.patch({ dialog });
  }

  /** Nobody gets ready without a microphone: a caller would meet silence. */
  async ready(): Promise<void> {
    this.ports.station.unlock();
    this.ports.ringer.unlock();
    if (!(await this.microphoneWorks()) || !(await this.pathStands())) return;
    await this.choose("ready");
  }

  notReady(reason?: string): Promise<void> {
    return this.choose("not_ready", reason);
  }

  async accept(): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "ringing" || this.store.get().pending) return;
    const call = phase.offer.call.id;
    const { api, station, ringer } = this.ports;
    station.unlock();
    ringer.unlock();
    // Said before the answer, because the event that confirms it may come first.
    this.store.patch({ muted: false, testing: false });
    this.carry(phase.offer.call);
    const done = await this.order("accept", async () => api.answer(call, { station: await station.open() }));
    if (!done) this.carry(null);
    this.follow();
  }

  async decline(): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "ringing" || this.store.get().pending) return;
    await this.order("decline", () => this.ports.api.order(phase.offer.call.id, "decline"));
  }

  /** Calls a number. The agent is on the call at once. */
  async dial(number: string): Promise<void> {
    const { api, station, ringer } = this.ports;
    station.unlock();
    ringer.unlock();
    this.store.patch({ muted: false, testing: false });
    await this.order("dial", async () => this.carry(await api.dial({ station: await station.open(), number })));
  }

  /** The microphone falls silent before the server is even asked, and speaks once it has agreed. */
  async mute(muted: boolean): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "talking") return;
    this.store.patch({ muted });
    this.follow();
    await this.order("mute", () => this.tellMuted(phase.call.id, phase.own.id));
    this.follow();
  }

  async hold(held: boolean): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "talking" || this.store.get().pending) return;
    await this.order("hold", () => this.ports.api.order(phase.call.id, held ? "hold" : "resume"));
  }

  async hangUp(): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "talking") return;
    const wasHere = this.store.get().here === phase.call.id;
    this.carry(null);
    this.follow();
    const done = await this.order("hangup", () => this.ports.api.order(phase.call.id, "hangup"));
    // An unreachable server still notices that the sound has gone, and takes the leg off the call.
    if (!done && wasHere) {
      this.ports.station.close();
      this.warm();
    }
  }

  async askForHelp(reason: string): Promise<boolean> {
    const phase = this.phase();
    if (phase.kind !== "talking") return false;
    const trimmed = reason.trim();
    return this.order("help", () =>
      this.ports.api.help(phase.call.id, { action: "raise", ...(trimmed && { reason: trimmed }) }),
    );
  }

  async withdrawHelp(): Promise<void> {
    const phase = this.phase();
    if (phase.kind !== "talking") return;
    await this.order("help", () => this.ports.api.help(phase.call.id, { action: "close" }));
  }

  testMicrophone(testing: boolean): void {
    this.store.patch({ testing });
    this.follow();
  }

  /** Tries the microphone or the media again after a failure. */
  retry(): void {
    this.store.patch({ notice: null });
    this.gate = "closed";
    this.ports.station.setGate("closed");
    this.warm();
    this.follow();
  }

  private phase() {
    return phaseOf(this.ports.live.getState());
  }

  private async choose(state: PresenceChoice, reason?: string): Promise<void> {
    const body = reason === undefined ? { state } : { state, reason };
    const done = await this.order("presence", () => this.ports.api.setPresence(body));
    if (done) this.store.patch({ afterCall: this.phase().kind === "talking" ? state : null });
  }

  private carry(call: CallView | null): void {
    this.carried.set(call);
    this.detached = false;
    this.store.patch({ here: call?.id ?? null });
  }

  /** Whether a call's sound is in this page, so that leaving it need not be the end. */
  private carriesCall(): boolean {
    const phase = this.phase();
    return phase.kind === "talking" && this.store.get().here === phase.call.id;
  }

  /** The page is left, perhaps to be loaded again: whoever is alone with the agent hears hold, not silence. */
  private leaving(): void {
    const phase = this.phase();
    if (phase.kind !== "talking" || !this.carriesCall()) return;
    const others = phase.call.legs.filter(({ id, role, mode }) => id !== phase.own.id && (role === "agent" || mode));
    if (phase.call.held || others.length > 0) return;
    this.carried.leaving(phase.call);
    void this.ports.api.lastOrder(phase.call.id, "hold").catch(() => undefined);
  }

  /** Goes on with the call that an earlier page of this tab carried. */
  private async resume(call: CallView, leg: LegView): Promise<void> {
    if (this.asked === call.id) return;
    this.asked = call.id;
    const kept = await this.carried.resumable(call.id);
    if (!kept || this.store.get().here !== null) return;
    this.store.patch({ muted: leg.muted });
    this.carry(call);
    this.detached = true;
    this.follow();
    await this.attach();
    if (kept.held) await this.ports.api.order(call.id, "resume").catch(() => undefined);
  }

  /** Moves the own leg to the connection that this page has now. */
  private async attach(): Promise<void> {
    const { api, station } = this.ports;
    try {
      const id = await station.open();
      const phase = this.phase();
      if (!this.detached || phase.kind !== "talking" || !this.carriesCall()) return;
      this.detached = false;
      await api.updateLeg(phase.call.id, phase.own.id, { station: id });
    } catch (error) {
      // Without a connection `warm` tries on; a refusal is the end of it.
      if (error instanceof ApiError && !error.unanswered) this.carry(null);
      else this.detached = true;
    }
  }

  private deviceChanged(): void {
    const { deviceMuted } = this.ports.station.view.get();
    if (deviceMuted === this.store.get().deviceMuted) return;
    this.store.patch({ deviceMuted });
    this.follow();
  }

  /** The agent's own wish, or the headset's key: the others see the same. */
  private tellMuted(call: string, leg: string): Promise<unknown> {
    const { muted, deviceMuted } = this.store.get();
    this.toldDeviceMuted = deviceMuted;
    return this.ports.api.updateLeg(call, leg, { muted: muted || deviceMuted });
  }

  /** Nobody gets ready without a way for sound: a caller would meet silence. */
  private async pathStands(): Promise<boolean> {
    try {
      await this.ports.station.open();
      return true;
    } catch (error) {
      this.store.patch({ notice: noticeOfPath(error) });
      return false;
    }
  }

  private async microphoneWorks(): Promise<boolean> {
    try {
      await this.ports.station.microphone.open();
      if (this.gate === "closed") this.ports.station.microphone.close();
      if (this.store.get().notice?.kind === "microphone") this.store.patch({ notice: null });
      return true;
    } catch {
      this.store.patch({ notice: { kind: "microphone" } });
      return false;
    }
  }

  private heard(envelope: Envelope, before: LiveState): void {
    // What comes just before the end may show the call without the agent's leg already.
    if (envelope.type === "snapshot") this.cameBack(envelope.at, before.agents.get(this.ports.user)?.state);
    if (envelope.type === "call.ended" && envelope.call.id === this.own?.call.id)
      this.ended(envelope.call, envelope.at);
    if (envelope.type === "leg.left" && envelope.leg.id === this.own?.leg) this.ended(envelope.call, envelope.at);
    if (
      envelope.type === "call.handover_requested" &&
      envelope.handover.from.user === this.ports.user &&
      envelope.handover.kind !== "conference"
    )
      this.handingTo = envelope.handover.to_name;
    if (
      envelope.type === "call.handover_ended" &&
      envelope.handover.from.user === this.ports.user &&
      envelope.outcome !== "accepted"
    )
      this.handingTo = null;
    if (envelope.type === "call.offered") this.lastOffer = envelope.call.caller.name;
    const presence =
      envelope.type === "presence.changed" && envelope.agent.user === this.ports.user ? envelope.agent : null;
    if (presence?.reason === MISSED) this.store.patch({ notice: { kind: "missed", caller: this.lastOffer } });
    const kind = this.store.get().notice?.kind;
    if (presence?.state === "ready" && (kind === "missed" || kind === "unready")) this.store.patch({ notice: null });
    if (presence && presence.state !== "active") this.store.patch({ afterCall: null });
  }

  /** The server tells anew how everything stands: what ended meanwhile is said. */
  private cameBack(at: number, before: AgentView["state"] | undefined): void {
    const phase = this.phase();
    const { own } = this;
    if (own && !(phase.kind === "talking" && phase.call.id === own.call.id)) {
      this.ended(own.call, at);
      this.store.patch({ notice: { kind: "ended", caller: own.call.caller.name, reason: "away" } });
      return;
    }
    const left = this.carried.left();
    if (!own && left && phase.kind !== "talking") {
      this.carried.set(null);
      this.store.patch({ notice: { kind: "ended", caller: left.caller, reason: "reloaded" } });
      return;
    }
    const unready = before === "ready" && phase.kind === "idle" && phase.presence?.state === "not_ready";
    if (unready) this.store.patch({ notice: { kind: "unready" } });
  }

  private ended(call: CallView, at: number): void {
    const recent = withEnded(this.store.get().recent, call, at);
    saveRecent(this.ports.user, recent);
    const [caller, to] = [call.caller.name, this.handingTo];
    const goesOn = call.end_reason === undefined && to !== null;
    this.own = null;
    this.handingTo = null;
    this.carry(null);
    this.store.patch({
      recent,
      muted: false,
      dialog: null,
      notice: goesOn ? { kind: "transferred", caller, to } : { kind: "ended", caller, reason: call.end_reason ?? null },
    });
  }

  /** Brings microphone and bell in line with what the server says. */
  private follow(): void {
    const phase = this.phase();
    const { here, muted, testing, pending, notice } = this.store.get();
    const bell = bellOf(phase, here, pending);
    const rings = bell?.call ?? null;
    if (rings !== this.ringing) {
      this.ringing = rings;
      if (bell) this.ports.ringer.start(bell.cadence);
      else this.ports.ringer.stop();
    }
    if (rings && notice?.kind === "ended") this.store.patch({ notice: null });
    if (phase.kind === "talking") this.own = { call: phase.call, leg: phase.own.id };
    if (phase.kind === "talking" && here === null && pending === null) void this.resume(phase.call, phase.own);
    if (phase.kind === "talking" && here === phase.call.id) {
      // What the headset muted is told to the others as a mute, and is none of the agent's own.
      const serverMuted = phase.own.muted && !this.toldDeviceMuted;
      this.setGate(muted || serverMuted ? "armed" : "open");
      if (this.store.get().deviceMuted !== this.toldDeviceMuted)
        void this.tellMuted(phase.call.id, phase.own.id).catch(() => undefined);
    } else {
      // While the answer is on its way the microphone warms up; nothing is sent yet.
      this.setGate(here !== null && pending === "accept" ? "armed" : testing ? "armed" : "closed");
    }
  }

  private setGate(gate: Gate): void {
    this.gate = gate;
    this.ports.station.setGate(gate);
  }

  private stationFailed(reason: "media" | "microphone"): void {
    this.store.patch({ notice: { kind: reason }, ...(reason === "microphone" && { testing: false }) });
    if (reason === "microphone") return;
    this.detached = this.carriesCall();
    this.warm();
    const phase = this.phase();
    // A caller must not meet an agent without sound.
    if (phase.kind === "idle" && phase.presence?.state === "ready") {
      this.unreadied = true;
      void this.notReady();
    }
    this.follow();
  }

  /** Keeps the station open, so that a call has only to be attached to it. */
  private warm(): void {
    clearTimeout(this.warmTimer);
    this.ports.station.open().then(
      () => {
        this.warmDelay = WARM_RETRY_FIRST_MS;
        const kind = this.store.get().notice?.kind;
        if (kind === "media" || kind === "path")
          this.store.patch({ notice: this.unreadied ? { kind: "unready" } : null });
        this.unreadied = false;
        if (this.detached) void this.attach();
      },
      (error: unknown) => {
        if (this.disposed) return;
        this.store.patch({ notice: noticeOfPath(error) });
        this.warmTimer = setTimeout(() => this.warm(), this.warmDelay);
        this.warmDelay = Math.min(WARM_RETRY_MAX_MS, this.warmDelay * 2);
      },
    );
  }

  private async order(order: Order, send: () => Promise<unknown>): Promise<boolean> {
    this.store.patch({ pending: order });
    this.follow();
    try {
      await send();
      return true;
    } catch (error) {
      this.store.patch({ notice: noticeOf(order, error) });
      return false;
    } finally {
      this.store.patch({ pending: null });
      this.follow();
    }
  }
}

/** Why there is no sound: nothing of it gets through, or something else. */
function noticeOfPath(error: unknown): Notice {
  return { kind: error instanceof NoPath ? "path" : "media" };
}

function noticeOf(order: Order, error: unknown): Notice {
  if (
    error instanceof ApiError &&
    (order === "accept" || order === "decline") &&
    (error.status === 404 || error.status === 409)
  ) {
    return { kind: "gone" };
  }
  return { kind: "failed", order, detail: error instanceof Error ? error.message : String(error) };
}
