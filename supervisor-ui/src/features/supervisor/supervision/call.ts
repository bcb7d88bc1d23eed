import type { Api } from "../../../api/client";
import { isOpen } from "../../../hearing/plan";
import type { LiveStore } from "../../../live/store";
import { gateFor } from "../../../media/gate";
import type { Station } from "../../../media/station";
import { createStore, type Readable } from "../../../store/store";
import { shortName } from "../../../ui/names";
import type { CallView, Envelope, Mode } from "../../../wire/generated";
import { coachedAgent, coachedLeg, ownLeg } from "../model/call";
import {
  type Claim,
  type FellBack,
  type Supervises,
  SupervisionController,
  type SupervisionPort,
  type SupervisionView,
  type Watcher,
} from "./controller";
import type { OtherTabs } from "./otherTabs";
import type { Remembered } from "./remembered";
import { type Held, noticed, reached, type Target } from "./plan";

/** After lost media a new station is tried in this time. */
const REOPEN_MS = 1000;

/** Why supervision ended although the user had not asked for it. */
type EndCause = "agent" | "caller" | "lost" | "server" | "withdrawn";

export type CallNotice =
  /** `callerKnew`: the caller has heard the user. */
  | { kind: "ended"; cause: EndCause; agent: string; caller: string; callerKnew: boolean }
  | { kind: "media_lost" }
  | { kind: "no_microphone" };

/** What supervision on calls needs of the rest. */
export interface CallPorts {
  api: Pick<Api, "listen" | "updateLeg" | "deleteLeg">;
  live: Pick<LiveStore, "getState" | "subscribe" | "tap" | "retryNow">;
  station: Pick<Station, "id" | "open" | "unlock" | "setGate" | "onFailure" | "microphone">;
  tabs: Pick<OtherTabs, "announce" | "supervise">;
  begun: Pick<Remembered, "has" | "add" | "drop">;
  /** The calls in which the caller has heard the user. */
  barged: Pick<Remembered, "has" | "add">;
}

interface LegClaim extends Claim {
  readonly leg: string;
}

/**
 * Supervision on calls: the controller, and a microphone that follows what holds and what is wanted
 * (see `gateFor`). Whoever speaks has allowed the microphone first, so that no mode is without a voice.
 */
export class CallSupervision implements Supervises<CallNotice> {
  private readonly controller: SupervisionController<LegClaim, CallNotice>;
  readonly view: Readable<SupervisionView<CallNotice>>;
  /** `asked`: the microphone is; `down`: Whisper is wanted for as long as the key is held. */
  private readonly key = createStore<"up" | "asked" | "down">("up");
  /** Whisper lasts as long as the key or button is held. */
  readonly holding: Readable<boolean> = { get: () => this.key.get() !== "up", subscribe: this.key.subscribe };
  private readonly untie: () => void;
  /** Whom the last whisper reached. */
  private coached: { leg: string; name: string } | null = null;

  constructor(private readonly ports: CallPorts) {
    this.keepWarm();
    this.controller = new SupervisionController(this.port());
    this.view = this.controller.view;
    this.untie = ports.station.onFailure((reason) => this.stationFailed(reason));
  }

  dispose(): void {
    this.untie();
    this.controller.dispose();
  }

  listen(call: string): void {
    this.ports.station.unlock();
    this.controller.listen(call);
  }

  /** `coach`: the leg of the agent whom a whisper is for; absent: whoever is coached, or the one who answered. */
  async speak(mode: Exclude<Mode, "listen">, coach?: string): Promise<void> {
    const at = this.controller.target?.at;
    if (at === undefined) return;
    const allowed = noticed(this.view.get().held?.mode) || (await this.microphoneAllowed());
    if (allowed && this.controller.target?.at === at) this.controller.speak(mode, coach);
    else this.abandonMicrophone();
  }

  mayBargeUnasked(call: string): boolean {
    return this.controller.mayBargeUnasked(call);
  }

  stop(): void {
    this.controller.stop();
  }

  /** Ends what another place of the user's does, as the user says here. */
  async stopThere(at: string, leg: string): Promise<void> {
    await this.ports.api.deleteLeg(at, leg).catch(() => undefined);
  }

  /** Whisper until `release`. From Listen only. */
  async hold(): Promise<void> {
    const { held, pending } = this.view.get();
    if (held?.mode !== "listen" || pending || this.holding.get()) return;
    this.key.set("asked");
    const allowed = await this.microphoneAllowed();
    // The permission may have taken a while: the key may be up by now.
    if (allowed && this.holding.get() && this.controller.target?.at === held.at) {
      this.controller.speak("whisper");
      this.key.set(this.controller.target ? "down" : "up");
    } else {
      this.key.set("up");
      this.abandonMicrophone();
    }
  }

  release(): void {
    const { target } = this.controller;
    const down = this.key.get() === "down";
    this.key.set("up");
    if (down && target?.mode === "whisper") this.controller.listen(target.at);
  }

  dismissNotice(): void {
    this.controller.dismissNotice();
  }

  private port(): SupervisionPort<LegClaim, CallNotice> {
    const { api, live, station, tabs, begun } = this.ports;
    const calls = () => live.getState().calls;
    return {
      tabs,
      confirmedFor: "page",
      begun,
      keyOf: ({ at, leg }) => `${at} ${leg}`,
      isReady: () => this.connected(),
      watch: (watcher) => this.watch(watcher),
      held: ({ at, leg }) => heldOn(calls().get(at), leg),
      strays: (claim) =>
        [...calls().values()].flatMap((call) => {
          const leg = ownLeg(call);
          const ours = claim?.at === call.id && claim.leg === leg?.id;
          return leg?.mode && !ours ? [{ at: call.id, leg: leg.id }] : [];
        }),
      revisionOf: (at) => {
        const call = calls().get(at);
        return call && (call.revision ?? 0);
      },
      listen: async (at) => {
        // Without a wait where there need not be one: the request leaves before the page is drawn.
        const { leg, revision } = await api.listen(at, { station: station.id() ?? (await station.open()) });
        return { claim: { at, leg }, revision };
      },
      change: ({ at, leg }, mode, revision, coach) =>
        api.updateLeg(at, leg, {
          mode,
          // Whoever takes the step was sure that everybody shall know.
          ...(mode === "take_over" && { announce: true }),
          ...(revision !== undefined && { revision }),
          ...(coach !== undefined && { coach }),
        }),
      leave: ({ at, leg }) => api.deleteLeg(at, leg),
      resynchronise: () => live.retryNow(),
      follow: (held, target) => this.follow(held, target),
    };
  }

  private watch(watcher: Watcher<CallNotice>): () => void {
    const { live } = this.ports;
    let connected = this.connected();
    const untap = live.tap((envelope, before) => {
      this.noteBarges();
      watcher.told(
        (was) => this.endedNotice(envelope, before.calls.get(was.at), was),
        (was) => this.fellBack(before.calls.get(was.at), was),
      );
      this.noteCoach();
    });
    const unsubscribe = live.subscribe(() => {
      if (connected === this.connected()) return;
      connected = this.connected();
      if (connected) {
        this.keepWarm();
        watcher.ready();
      } else {
        watcher.lost();
      }
    });
    return () => {
      untap();
      unsubscribe();
    };
  }

  /** From whichever place: the caller has heard the user. */
  private noteBarges(): void {
    for (const call of this.ports.live.getState().calls.values()) {
      if (isOpen(ownLeg(call)?.mode)) this.ports.barged.add(call.id);
    }
  }

  /** Who is coached, while they are still there to be named. */
  private noteCoach(): void {
    const { held } = this.view.get();
    const call = held && this.ports.live.getState().calls.get(held.at);
    const leg = held?.mode === "whisper" && call ? coachedLeg(call, ownLeg(call)?.coach) : undefined;
    if (leg) this.coached = { leg: leg.id, name: shortName(leg.name) };
    else if (held?.mode !== "listen") this.coached = null;
  }

  private fellBack(before: CallView | undefined, was: Held): FellBack {
    const { calls, me } = this.ports.live.getState();
    const { coached } = this;
    const there = calls.get(was.at)?.legs.some(({ id }) => id === coached?.leg);
    if (was.mode === "whisper" && before && coached && !there) return { cause: "coach", agent: coached.name };
    const right = isOpen(was.mode) ? "barge_live_calls" : "whisper_live_calls";
    return { cause: me?.permissions.includes(right) === false ? "rights" : "unknown", agent: "" };
  }

  /** The notice of a supervision that the server has ended; `call` as it was before. */
  private endedNotice(envelope: Envelope, call: CallView | undefined, was: Held): CallNotice {
    return {
      kind: "ended",
      cause: causeOf(envelope),
      agent: coachedAgent(call, call && ownLeg(call)?.coach),
      caller: call ? shortName(call.caller.name) : "",
      callerKnew: isOpen(was.mode) || this.ports.barged.has(was.at),
    };
  }

  /** Opens the microphone once a wanted mode is confirmed, and closes it as soon as it is not wanted any more. */
  private follow(held: Held | null, target: Target | null): void {
    const same = held !== null && held.at === target?.at;
    this.ports.station.setGate(
      gateFor({
        connected: this.connected(),
        // What is meant for another agent does not reach the one who was coached before.
        confirmed: same && noticed(held.mode) && (held.mode !== target.mode || reached(held, target)),
        wanted: same && noticed(target.mode),
      }),
    );
    const gone = target === null || (this.key.get() === "down" && target.mode !== "whisper");
    if (gone) this.key.set("up");
  }

  private connected(): boolean {
    return this.ports.live.getState().connection.kind === "live";
  }

  /** Asks the user on first use, before the server is asked. */
  private async microphoneAllowed(): Promise<boolean> {
    const { microphone } = this.ports.station;
    if ((await microphone.permission()) === "granted") return true;
    try {
      await microphone.open();
      return true;
    } catch {
      this.controller.notify({ kind: "no_microphone" });
      return false;
    }
  }

  /** It was opened for a wish that is gone. */
  private abandonMicrophone(): void {
    if (!noticed(this.controller.target?.mode)) this.ports.station.microphone.close();
  }

  private stationFailed(reason: "media" | "microphone"): void {
    const { target } = this.controller;
    if (reason === "microphone") {
      if (target) this.controller.listen(target.at);
      this.controller.notify({ kind: "no_microphone" });
      return;
    }
    setTimeout(() => this.keepWarm(), REOPEN_MS);
    if (!target && !this.view.get().held) return;
    this.controller.stop();
    this.controller.notify({ kind: "media_lost" });
  }

  /** The station stands before the first click, so that Listen is heard at once. No microphone is needed. */
  private keepWarm(): void {
    if (this.connected()) void this.ports.station.open().catch(() => undefined);
  }
}

/** What of this leg the server tells. */
function heldOn(call: CallView | undefined, leg: string): Held | null {
  const own = call && ownLeg(call);
  if (!call || !own?.mode || own.id !== leg) return null;
  const coach = own.mode === "whisper" ? own.coach : undefined;
  return { at: call.id, mode: own.mode, ...(coach !== undefined && { coach }) };
}

function causeOf(envelope: Envelope): EndCause {
  // When a call ends, the end of the supervision is told first, with the call as it is by then.
  const call = "call" in envelope && typeof envelope.call === "object" ? envelope.call : undefined;
  if (call?.state !== "ended") return "withdrawn";
  const reason = call.end_reason;
  return reason === "agent" || reason === "caller" || reason === "lost" ? reason : "server";
}
