import { type Api, ApiError } from "../../../api/client";
import type { LiveState } from "../../../live/state";
import type { LiveStore } from "../../../live/store";
import { gateFor } from "../../../media/gate";
import type { Station } from "../../../media/station";
import type { Envelope, LegUpdate } from "../../../wire/generated";
import { endedNotice, type Notice } from "./notice";
import type { OtherTabs } from "./otherTabs";
import {
  adopted,
  audible,
  type Held,
  nextStep,
  ownLeg,
  type Pending,
  pendingOf,
  quieter,
  reflected,
  type Step,
  type Target,
} from "./plan";

/** The server's event for a granted request has this long to come. */
const CONFIRM_MAX_MS = 3000;
/** A request that makes the user less audible is tried again after this. */
const RETRY_MS = 500;
/** After lost media a new station is tried in this time. */
const REOPEN_MS = 1000;

export interface SupervisionView {
  /** Confirmed by the server. */
  readonly held: Held | null;
  readonly pending: Pending | null;
  readonly notice: Notice | null;
  /** Whisper lasts as long as the key or button is held. */
  readonly holding: boolean;
}

/** What supervision needs of the rest. */
export interface SupervisionPorts {
  api: Pick<Api, "listen" | "updateLeg" | "deleteLeg">;
  live: Pick<LiveStore, "getState" | "subscribe" | "tap" | "retryNow">;
  station: Pick<Station, "id" | "open" | "unlock" | "setGate" | "onFailure" | "microphone">;
  tabs: Pick<OtherTabs, "announce" | "supervise">;
}

/** A request on its way (`revision` null), or granted and not yet in what the server tells. */
interface Asked {
  step: Step;
  granted: { revision: number | undefined } | null;
}

/**
 * One user's supervision: what the server has confirmed, what the user wants, and the requests that
 * lead from one to the other, one at a time. The microphone follows both: see `gateFor`.
 */
export class Supervision {
  private view: SupervisionView = { held: null, pending: null, notice: null, holding: false };
  private target: Target | null = null;
  /** The leg that this page asked for. Another leg of this user's is a remnant and is ended. */
  private ours: { call: string; leg: string } | null = null;
  private asked: Asked | null = null;
  /** Counts connections: an answer from an earlier one means nothing any more. */
  private epoch = 0;
  private connected: boolean;
  /** When the connection was lost. */
  private wasSupervising = false;
  private endingRemnant = false;
  private readonly bargeConfirmed = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private readonly untie: (() => void)[];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: SupervisionPorts) {
    this.connected = ports.live.getState().connection.kind === "live";
    this.untie = [
      ports.live.tap((envelope, before) => this.heard(envelope, before)),
      ports.live.subscribe(() => this.connectionChanged()),
      ports.station.onFailure((reason) => this.stationFailed(reason)),
    ];
    this.keepWarm();
    this.settle();
  }

  getView = (): SupervisionView => this.view;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Nobody would see any more that it goes on: it ends with the page. */
  dispose(): void {
    const { held } = this.view;
    this.untie.forEach((untie) => untie());
    clearTimeout(this.timer);
    this.ports.station.setGate("closed");
    if (held) void this.ports.api.deleteLeg(held.call, held.leg).catch(() => undefined);
    this.ports.tabs.announce(false);
  }

  /** Listen to this call; from Whisper or Barge on it: back to Listen. */
  listen(call: string): void {
    this.ports.station.unlock();
    this.want({ call, mode: "listen" }, false);
  }

  /**
   * Whisper or Barge on the call that is listened to, or will be as soon as the server has granted
   * it. Whoever calls this has asked for confirmation.
   */
  async speak(mode: "whisper" | "barge"): Promise<void> {
    const call = this.target?.call;
    if (call === undefined) return;
    if (mode === "barge") this.bargeConfirmed.add(call);
    const allowed = audible(this.view.held?.mode) || (await this.microphoneAllowed());
    if (allowed && this.target?.call === call) this.want({ call, mode }, false);
    else this.abandonMicrophone();
  }

  /** Whether Barge on this call was confirmed before. */
  mayBargeUnasked(call: string): boolean {
    return this.bargeConfirmed.has(call);
  }

  stop(): void {
    this.want(null, false);
  }

  /** Whisper until `release`. From Listen only. */
  async hold(): Promise<void> {
    const { held, pending, holding } = this.view;
    if (held?.mode !== "listen" || pending || holding) return;
    this.publish({ holding: true });
    const allowed = await this.microphoneAllowed();
    // The permission may have taken a while: the key may be up by now.
    if (allowed && this.view.holding && this.target?.call === held.call) {
      this.want({ call: held.call, mode: "whisper" }, true);
    } else {
      this.publish({ holding: false });
      this.abandonMicrophone();
    }
  }

  release(): void {
    if (!this.view.holding) return;
    if (this.target?.mode === "whisper") this.want({ call: this.target.call, mode: "listen" }, false);
    else this.publish({ holding: false });
  }

  dismissNotice(): void {
    this.publish({ notice: null });
  }

  private want(target: Target | null, holding: boolean): void {
    this.target = this.connected ? target : null;
    this.publish({ notice: null, holding: holding && this.connected });
    this.settle();
  }

  /** Asks the user on first use, before the server is asked, so that no mode is without a voice. */
  private async microphoneAllowed(): Promise<boolean> {
    const { microphone } = this.ports.station;
    if ((await microphone.permission()) === "granted") return true;
    try {
      await microphone.open();
      return true;
    } catch {
      this.publish({ notice: { kind: "no_microphone" } });
      return false;
    }
  }

  /** It was opened for a wish that is gone. */
  private abandonMicrophone(): void {
    if (!audible(this.target?.mode)) this.ports.station.microphone.close();
  }

  private held(): Held | null {
    if (!this.connected) return null;
    const { ours } = this;
    return ownLeg(this.ports.live.getState().calls, (call, leg) => ours?.call === call && ours.leg === leg);
  }

  /** Brings the microphone and the view in line with what holds and what is wanted; asks what is next. */
  private settle(): void {
    const held = this.held();
    const { target } = this;
    const same = held !== null && held.call === target?.call;
    this.ports.station.setGate(
      gateFor({
        connected: this.connected,
        confirmed: same && audible(held.mode),
        wanted: same && audible(target.mode),
      }),
    );
    this.ports.tabs.announce(held !== null || target !== null);
    this.publish({ held, pending: this.connected ? pendingOf(held, target) : null });
    if (!this.connected || this.asked) return;
    const step = nextStep(held, target);
    if (step) void this.ask(step, held);
    else void this.endRemnant();
  }

  private async ask(step: Step, held: Held | null): Promise<void> {
    const { epoch } = this;
    clearTimeout(this.timer);
    this.asked = { step, granted: null };
    try {
      const revision = await this.send(step, epoch);
      if (epoch !== this.epoch) return;
      this.asked = { step, granted: { revision } };
      this.timer = setTimeout(() => this.ports.live.retryNow(), CONFIRM_MAX_MS);
      this.look();
    } catch (error) {
      if (epoch === this.epoch) this.refused(step, held, error);
    }
  }

  /** The revision that the server's answer names. */
  private async send(step: Step, epoch: number): Promise<number | undefined> {
    const { api, station } = this.ports;
    switch (step.kind) {
      case "leave":
        await api.deleteLeg(step.call, step.leg);
        return undefined;
      case "listen": {
        // Without a wait where there need not be one: the request leaves before the page is drawn.
        const answer = await api.listen(step.call, { station: station.id() ?? (await station.open()) });
        if (epoch === this.epoch) this.ours = { call: step.call, leg: answer.leg };
        return answer.revision;
      }
      case "mode":
        return (await api.updateLeg(step.call, step.leg, this.update(step))).revision;
    }
  }

  /** A louder mode is decided on what the user sees: the revision tells the server what that was. */
  private update(step: Step & { kind: "mode" }): LegUpdate {
    const revision = this.ports.live.getState().calls.get(step.call)?.revision;
    return step.mode === "listen" || revision === undefined ? { mode: step.mode } : { mode: step.mode, revision };
  }

  private refused(step: Step, held: Held | null, error: unknown): void {
    this.asked = null;
    if (quieter(held, step)) {
      this.timer = setTimeout(() => this.settle(), RETRY_MS);
      return;
    }
    // Of an unanswered request nobody knows what became: the quietest that can hold is wanted.
    const unanswered = error instanceof ApiError && error.unanswered;
    const stillWanted = this.target?.call === step.call;
    if (stillWanted) {
      this.target = held && { call: held.call, mode: unanswered ? "listen" : held.mode };
      const detail = error instanceof Error ? error.message : String(error);
      this.publish({
        notice: { kind: "refused", mode: step.kind === "mode" ? step.mode : "listen", detail },
        holding: false,
      });
    }
    this.settle();
  }

  private heard(envelope: Envelope, before: LiveState): void {
    const was = this.view.held;
    const held = this.held();
    const ended = was !== null && held === null && this.target?.call === was.call;
    const wanted = this.target;
    if (!this.asked || ended) this.target = adopted(was, held, wanted);
    if (wanted?.mode === "whisper" && this.target?.mode !== "whisper") this.publish({ holding: false });
    if (ended) this.publish({ notice: endedNotice(envelope, before.calls.get(was.call), was) });
    const fell = was !== null && held?.mode === "listen" && audible(was.mode) && audible(wanted?.mode);
    if (fell && !this.asked) this.publish({ notice: { kind: "fell_back" } });
    this.look();
  }

  /** Ends the wait for a granted step once the server's picture shows it. */
  private look(): void {
    const { asked } = this;
    const { calls } = this.ports.live.getState();
    if (asked?.granted && reflected(asked.step, asked.granted.revision, calls)) {
      clearTimeout(this.timer);
      this.asked = null;
      this.target = adopted(this.view.held, this.held(), this.target);
    }
    this.settle();
  }

  /** A leg of an earlier page or connection: after any fault supervision returns as off. */
  private async endRemnant(): Promise<void> {
    const { ours, epoch } = this;
    const { calls } = this.ports.live.getState();
    const stray = ownLeg(calls, (call, leg) => ours?.call !== call || ours.leg !== leg);
    if (!stray || this.endingRemnant) return;
    this.endingRemnant = true;
    const elsewhere = this.target === null && (await this.ports.tabs.supervise());
    if (!elsewhere && epoch === this.epoch) {
      await this.ports.api.deleteLeg(stray.call, stray.leg).catch(() => undefined);
    }
    this.endingRemnant = false;
  }

  private connectionChanged(): void {
    const connected = this.ports.live.getState().connection.kind === "live";
    if (connected === this.connected) return;
    this.connected = connected;
    if (connected) {
      this.keepWarm();
      if (this.wasSupervising) this.publish({ notice: { kind: "reconnected" } });
    } else {
      this.wasSupervising = this.view.held !== null || this.target !== null;
      this.forget();
      this.publish({ holding: false, notice: null });
    }
    this.settle();
  }

  private stationFailed(reason: "media" | "microphone"): void {
    if (reason === "microphone") {
      if (this.target) this.want({ call: this.target.call, mode: "listen" }, false);
      this.publish({ notice: { kind: "no_microphone" } });
      return;
    }
    setTimeout(() => this.keepWarm(), REOPEN_MS);
    if (!this.target && !this.view.held) return;
    this.want(null, false);
    this.publish({ notice: { kind: "media_lost" } });
  }

  /** The station stands before the first click, so that Listen is heard at once. No microphone is needed. */
  private keepWarm(): void {
    if (this.connected) void this.ports.station.open().catch(() => undefined);
  }

  private forget(): void {
    this.epoch += 1;
    this.target = null;
    this.ours = null;
    this.asked = null;
    clearTimeout(this.timer);
  }

  private publish(change: Partial<SupervisionView>): void {
    this.view = { ...this.view, ...change };
    this.listeners.forEach((listener) => listener());
  }
}
