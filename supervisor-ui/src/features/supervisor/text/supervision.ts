import { ApiError } from "../../../api/client";
import type { TextApi } from "../../../api/text";
import type { LiveState } from "../../../live/state";
import type { LiveStore } from "../../../live/store";
import { memberOf } from "../../../live/text/select";
import { shortName } from "../../../ui/names";
import type { ConversationView, Mode, TextEnvelope } from "../../../wire/generated";
import type { OtherTabs } from "../supervision/otherTabs";
import {
  adopted,
  audible,
  type Held,
  nextStep,
  type Pending,
  pendingOf,
  quieter,
  type Step,
  type Target,
} from "../supervision/plan";

/** The server's event for a granted request has this long to come. */
const CONFIRM_MAX_MS = 3000;
/** A request after which fewer people see the user is tried again after this. */
const RETRY_MS = 500;

/** One sentence that keeps the truth, shown until the next wish or until it is closed. */
export type TextNotice =
  | { kind: "refused"; mode: Mode; detail: string }
  /** `seen`: the customer saw the user until then. */
  | { kind: "ended"; customer: string; seen: boolean }
  | { kind: "withdrawn"; customer: string; seen: boolean }
  | { kind: "reconnected" }
  /** The server took the user back to Listen unasked. */
  | { kind: "fell_back" };

export interface TextSupervisionView {
  /** Confirmed by the server. A plan's `call` is here the conversation, and so is its `leg`. */
  readonly held: Held | null;
  readonly pending: Pending | null;
  readonly notice: TextNotice | null;
}

/** What supervision in text needs of the rest. */
export interface TextSupervisionPorts {
  api: Pick<TextApi, "supervise" | "unsupervise">;
  live: Pick<LiveStore, "getState" | "subscribe" | "tapText" | "retryNow">;
  tabs: Pick<OtherTabs, "announce" | "supervise">;
  /** Which conversations this is about: those beside a call are another's. */
  owns: (view: ConversationView) => boolean;
}

/** A request on its way (`granted` null), or granted and not yet in what the server tells. */
interface Asked {
  step: Step;
  granted: { revision: number | undefined } | null;
}

/**
 * One user's supervision in text: what the server has confirmed, what the user wants, and the
 * requests that lead from one to the other, one at a time. One conversation at a time.
 */
export class TextSupervision {
  private view: TextSupervisionView = { held: null, pending: null, notice: null };
  private target: Target | null = null;
  /** The conversation that this page asked for. What was there before it is a remnant, and is ended. */
  private ours: string | null = null;
  private asked: Asked | null = null;
  /** Counts connections: an answer from an earlier one means nothing any more. */
  private epoch = 0;
  /** Whether the conversations of this connection have been told. */
  private ready: boolean;
  private wasSupervising = false;
  /** Where the user was sure that everybody shall know; it lasts as long as the supervision. */
  private announced: string | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly untie: (() => void)[];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ports: TextSupervisionPorts) {
    this.ready = ports.live.getState().connection.kind === "live";
    this.untie = [
      ports.live.tapText((envelope, before) => this.heard(envelope, before)),
      ports.live.subscribe(() => this.connectionChanged()),
    ];
    this.settle();
    void this.endRemnant();
  }

  getView = (): TextSupervisionView => this.view;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Nobody would see any more that it goes on: it ends with the page. */
  dispose(): void {
    this.untie.forEach((untie) => untie());
    clearTimeout(this.timer);
    if (this.view.held) void this.ports.api.unsupervise(this.view.held.call).catch(() => undefined);
    this.forget();
    this.ports.tabs.announce(false);
  }

  /** Read along; from Whisper or Barge: back to Listen. */
  listen(conversation: string): void {
    this.want({ call: conversation, mode: "listen" });
  }

  whisper(): void {
    if (this.target) this.want({ call: this.target.call, mode: "whisper" });
  }

  /** Write to everybody. Whoever calls this has asked for confirmation, or need not. */
  barge(): void {
    if (!this.target) return;
    this.announced = this.target.call;
    this.want({ call: this.target.call, mode: "barge" });
  }

  /** Whether everybody was told in this supervision before. */
  mayBargeUnasked(conversation: string): boolean {
    return this.announced === conversation;
  }

  stop(): void {
    this.want(null);
  }

  dismissNotice(): void {
    this.publish({ notice: null });
  }

  private want(target: Target | null): void {
    this.target = this.ready ? target : null;
    this.publish({ notice: null });
    this.settle();
  }

  private held(): Held | null {
    return this.ready && this.ours !== null ? this.inside(this.ours) : null;
  }

  /** This user's own supervision of a conversation, as the server tells it. */
  private inside(conversation: string): Held | null {
    const { me, text } = this.ports.live.getState();
    const view = text.conversations.get(conversation);
    const mode = me && view ? memberOf(view, me.id)?.mode : undefined;
    return mode ? { call: conversation, leg: conversation, mode, coach: undefined } : null;
  }

  /** Brings the view in line with what holds and what is wanted; asks what is next. */
  private settle(): void {
    const held = this.held();
    const { target } = this;
    if (!held && !target) this.announced = null;
    this.ports.tabs.announce(held !== null || target !== null);
    this.publish({ held, pending: this.ready ? pendingOf(held, target) : null });
    if (!this.ready || this.asked) return;
    const step = nextStep(held, target);
    if (step) void this.ask(step, held);
  }

  private async ask(step: Step, held: Held | null): Promise<void> {
    const { epoch } = this;
    clearTimeout(this.timer);
    this.asked = { step, granted: null };
    try {
      const revision = await this.send(step, epoch);
      if (epoch !== this.epoch) {
        // Granted all the same, for a connection that is gone.
        void this.endRemnant();
        return;
      }
      this.asked = { step, granted: { revision } };
      this.timer = setTimeout(() => this.ports.live.retryNow(), CONFIRM_MAX_MS);
      this.look();
    } catch (error) {
      if (epoch === this.epoch) this.refused(step, held, error);
    }
  }

  /** The revision that the server's answer names. */
  private async send(step: Step, epoch: number): Promise<number | undefined> {
    const { api } = this.ports;
    switch (step.kind) {
      case "leave":
        await api.unsupervise(step.call);
        return undefined;
      case "listen": {
        const answer = await api.supervise(step.call, { mode: "listen", announce: false });
        if (epoch === this.epoch) this.ours = step.call;
        return answer.revision;
      }
      case "mode": {
        // A wider mode is decided on what the user sees: the revision tells the server what that was.
        const revision = step.mode === "listen" ? undefined : this.revisionOf(step.call);
        const announce = step.mode === "barge" && this.announced === step.call;
        return (
          await api.supervise(step.call, { mode: step.mode, announce, ...(revision !== undefined && { revision }) })
        ).revision;
      }
    }
  }

  private refused(step: Step, held: Held | null, error: unknown): void {
    this.asked = null;
    if (quieter(held, step)) {
      this.timer = setTimeout(() => this.settle(), RETRY_MS);
      return;
    }
    if (this.target?.call === step.call) {
      // Of an unanswered request nobody knows what became: the quietest that can hold is wanted.
      const unanswered = error instanceof ApiError && error.unanswered;
      this.target = held && { call: held.call, mode: unanswered ? "listen" : held.mode };
      if (step.kind === "mode" && step.mode === "barge") this.announced = null;
      const detail = error instanceof Error ? error.message : String(error);
      this.publish({ notice: { kind: "refused", mode: step.kind === "mode" ? step.mode : "listen", detail } });
    }
    this.settle();
  }

  private heard(envelope: TextEnvelope, before: LiveState): void {
    if (envelope.type === "text.snapshot") {
      this.arrived();
      return;
    }
    const was = this.view.held;
    const held = this.held();
    const wanted = this.target;
    const ended = was !== null && held === null && wanted?.call === was.call;
    if (!this.asked || ended) this.target = adopted(was, held, wanted);
    if (ended) this.publish({ notice: endedNotice(envelope, before.text.conversations.get(was.call), was) });
    const fell = was !== null && held?.mode === "listen" && audible(was.mode) && audible(wanted?.mode);
    if (fell && !this.asked) this.publish({ notice: { kind: "fell_back" } });
    this.look();
  }

  /** Ends the wait for a granted step once the server's picture shows it. */
  private look(): void {
    const { asked } = this;
    if (asked?.granted && this.reflected(asked.step, asked.granted.revision)) {
      clearTimeout(this.timer);
      this.asked = null;
      this.target = adopted(this.view.held, this.held(), this.target);
    }
    this.settle();
  }

  private reflected(step: Step, revision: number | undefined): boolean {
    const now = this.revisionOf(step.call);
    if (now === undefined) return true;
    return step.kind === "leave" ? this.inside(step.call) === null : revision !== undefined && now >= revision;
  }

  private revisionOf(conversation: string): number | undefined {
    const view = this.ports.live.getState().text.conversations.get(conversation);
    return view && (view.revision ?? 0);
  }

  /** What an earlier page or connection left: after any fault supervision returns as off. */
  private async endRemnant(): Promise<void> {
    const { ours, epoch, ports } = this;
    const { text } = ports.live.getState();
    const strays = [...text.conversations.values()].filter(
      (view) => ports.owns(view) && view.id !== ours && this.inside(view.id),
    );
    if (strays.length === 0 || (await ports.tabs.supervise()) || epoch !== this.epoch) return;
    for (const { id } of strays) void ports.api.unsupervise(id).catch(() => undefined);
  }

  private arrived(): void {
    this.ready = true;
    if (this.wasSupervising) this.publish({ notice: { kind: "reconnected" } });
    this.wasSupervising = false;
    this.settle();
    void this.endRemnant();
  }

  private connectionChanged(): void {
    const lost = this.ports.live.getState().connection.kind !== "live";
    if (!lost || !this.ready) return;
    this.ready = false;
    this.wasSupervising = this.view.held !== null || this.target !== null;
    this.forget();
    this.publish({ notice: null });
    this.settle();
  }

  private forget(): void {
    this.epoch += 1;
    this.target = null;
    this.ours = null;
    this.asked = null;
    this.announced = null;
    clearTimeout(this.timer);
  }

  private publish(change: Partial<TextSupervisionView>): void {
    this.view = { ...this.view, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

function endedNotice(envelope: TextEnvelope, view: ConversationView | undefined, held: Held): TextNotice {
  const kind = envelope.type === "conversation.ended" ? "ended" : "withdrawn";
  return { kind, customer: view ? shortName(view.requester.name) : "", seen: held.mode === "barge" };
}
