import { ApiError } from "../../../api/http";
import { createStore, type Readable } from "../../../store/store";
import type { Mode } from "../../../wire/generated";
import type { OtherTabs } from "./otherTabs";
import type { Remembered } from "./remembered";
import {
  adopted,
  type Held,
  nextStep,
  noticed,
  type Pending,
  pendingOf,
  quieter,
  reflected,
  type Step,
  type Target,
} from "./plan";

/** The server's event for a granted request has this long to come. */
const CONFIRM_MAX_MS = 3000;
/** A request after which fewer people notice the user is tried again after this. */
const RETRY_MS = 500;

/** What this page has begun, as the server names it: a conversation, or a leg on a call. */
export interface Claim {
  /** The call or conversation. */
  readonly at: string;
}

/** One sentence that keeps the truth, shown until the next wish or until it is closed. */
export type CommonNotice =
  | { kind: "refused"; mode: Mode; detail: string }
  /** `over`: what was supervised has ended meanwhile. */
  | { kind: "reconnected"; over: boolean }
  /** The server took the user back to Listen unasked. */
  | ({ kind: "fell_back" } & FellBack);

/** Why, as far as it can be told: whoever was coached is gone, a right is. */
export interface FellBack {
  cause: "coach" | "rights" | "unknown";
  agent: string;
}

export interface SupervisionView<Notice> {
  /** Confirmed by the server. */
  readonly held: Held | null;
  readonly pending: Pending | null;
  readonly notice: Notice | CommonNotice | null;
}

/** What a supervision does for the pages, whatever is supervised. */
export interface Supervises<Notice> {
  readonly view: Readable<SupervisionView<Notice>>;
  /** Listens to this interaction; from Whisper or Barge in it: back to Listen. */
  listen(at: string): void;
  /** Another mode where the user is, or will be. Barge and take-over were confirmed by then, or need not be. */
  speak(mode: Exclude<Mode, "listen">): void;
  /** Whether Barge was confirmed here before. */
  mayBargeUnasked(at: string): boolean;
  stop(): void;
  dismissNotice(): void;
  /** It ends with the page: nobody would see any more that it goes on. */
  dispose(): void;
}

/** What an adapter tells the controller. */
export interface Watcher<Notice> {
  /** What the server tells is whole from here on. */
  ready(): void;
  /** What the server tells can't be relied on any more. */
  lost(): void;
  /** Something was told; in case that `was` ended or fell back to Listen, these say why. */
  told(because: (was: Held) => Notice, fellBack: (was: Held) => FellBack): void;
}

/** One kind of interaction: how its supervision is asked for, and how the server tells of it. */
export interface SupervisionPort<C extends Claim, Notice> {
  readonly tabs: Pick<OtherTabs, "announce" | "supervise">;
  /** For how long a confirmed Barge need not be confirmed again. */
  readonly confirmedFor: "page" | "supervision";
  /** What this tab began, over its reloads: all that it may end unasked. */
  readonly begun: Pick<Remembered, "has" | "add" | "drop">;
  /** The name of a claim in it. */
  keyOf(claim: C): string;
  isReady(): boolean;
  /** Until the returned function is called. */
  watch(watcher: Watcher<Notice>): () => void;
  /** What of a claim the server tells. */
  held(claim: C): Held | null;
  /** What this user supervises besides `claim`, as the server tells it. */
  strays(claim: C | null): readonly C[];
  /** Undefined: the server tells of no such interaction. */
  revisionOf(at: string): number | undefined;
  listen(at: string): Promise<{ claim: C; revision?: number | undefined }>;
  /** `revision`: what the user saw when a wider mode was decided on; `coach`: whom they chose to whisper to. */
  change(
    claim: C,
    mode: Mode,
    revision: number | undefined,
    coach: string | undefined,
  ): Promise<{ revision?: number | undefined }>;
  leave(claim: C): Promise<void>;
  /** Asks the server for a fresh picture. */
  resynchronise(): void;
  /** What holds and what is wanted, after each change. */
  follow?(held: Held | null, target: Target | null): void;
}

/** A request on its way (`granted` null), or granted and not yet in what the server tells. */
interface Asked {
  step: Step;
  granted: { revision: number | undefined } | null;
}

/**
 * One user's supervision of one kind of interaction: what the server has confirmed, what the user
 * wants, and the requests that lead from one to the other, one at a time. One interaction at a time.
 */
export class SupervisionController<C extends Claim, Notice> implements Supervises<Notice> {
  private readonly store = createStore<SupervisionView<Notice>>({ held: null, pending: null, notice: null });
  readonly view: Readable<SupervisionView<Notice>> = this.store;
  private wanted: Target | null = null;
  /** What this page asked for. */
  private claim: C | null = null;
  private asked: Asked | null = null;
  /** Counts connections: an answer from an earlier one means nothing any more. */
  private epoch = 0;
  private ready: boolean;
  /** Where the user was, or was going to be, when the connection was lost. */
  private lostAt: string | null = null;
  private endingStrays = false;
  /** What an earlier page or connection of this tab left is ended. */
  private cleared = false;
  private readonly confirmed = new Set<string>();
  private readonly unwatch: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly port: SupervisionPort<C, Notice>) {
    this.ready = port.isReady();
    this.unwatch = port.watch({
      ready: () => this.becameReady(),
      lost: () => this.becameLost(),
      told: (because, fellBack) => this.told(because, fellBack),
    });
    this.settle();
  }

  /** What the user wants. */
  get target(): Target | null {
    return this.wanted;
  }

  dispose(): void {
    const { claim, port } = this;
    this.unwatch();
    if (this.store.get().held && claim) void port.leave(claim).catch(() => undefined);
    this.forget();
    port.follow?.(null, null);
    port.tabs.announce(false);
  }

  listen(at: string): void {
    this.want({ at, mode: "listen" });
  }

  speak(mode: Exclude<Mode, "listen">, coach?: string): void {
    if (!this.wanted) return;
    const { at } = this.wanted;
    if (mode !== "whisper") this.confirmed.add(at);
    this.want({ at, mode, ...(coach !== undefined && { coach }) });
  }

  mayBargeUnasked(at: string): boolean {
    return this.confirmed.has(at);
  }

  stop(): void {
    this.want(null);
  }

  /** Says something until the next wish. */
  notify(notice: Notice): void {
    this.store.patch({ notice });
  }

  dismissNotice(): void {
    this.store.patch({ notice: null });
  }

  private want(target: Target | null): void {
    this.wanted = this.ready ? target : null;
    this.store.patch({ notice: null });
    this.settle();
  }

  private held(): Held | null {
    return this.ready && this.claim ? this.port.held(this.claim) : null;
  }

  /** Brings the view in line with what holds and what is wanted; asks what is next. */
  private settle(): void {
    const held = this.held();
    const { wanted, port } = this;
    if (!held && !wanted && port.confirmedFor === "supervision") this.confirmed.clear();
    port.follow?.(held, wanted);
    port.tabs.announce(held !== null || wanted !== null);
    this.store.patch({ held, pending: this.ready ? pendingOf(held, wanted) : null });
    if (!this.ready || this.asked) return;
    const step = nextStep(held, wanted);
    if (step) void this.ask(step, held);
    else if (!this.cleared) void this.endStrays();
  }

  private async ask(step: Step, held: Held | null): Promise<void> {
    const { epoch } = this;
    clearTimeout(this.timer);
    this.asked = { step, granted: null };
    try {
      const revision = await this.send(step, epoch);
      if (epoch !== this.epoch) {
        // Granted all the same, for a connection that is gone.
        this.cleared = false;
        if (this.ready && !this.asked) void this.endStrays();
        return;
      }
      this.asked = { step, granted: { revision } };
      this.timer = setTimeout(() => this.port.resynchronise(), CONFIRM_MAX_MS);
      this.look();
    } catch (error) {
      if (epoch === this.epoch) this.refused(step, held, error);
    }
  }

  /** The revision that the server's answer names. */
  private async send(step: Step, epoch: number): Promise<number | undefined> {
    const { claim, port } = this;
    if (step.kind === "listen") {
      const begun = await port.listen(step.at);
      port.begun.add(port.keyOf(begun.claim));
      if (epoch === this.epoch) this.claim = begun.claim;
      return begun.revision;
    }
    if (!claim) throw new Error("what is held was claimed");
    if (step.kind === "leave") {
      await port.leave(claim);
      port.begun.drop(port.keyOf(claim));
      return undefined;
    }
    // A wider mode is decided on what the user sees: the revision tells the server what that was.
    const seen = step.mode === "listen" ? undefined : port.revisionOf(step.at);
    return (await port.change(claim, step.mode, seen, step.coach)).revision;
  }

  private refused(step: Step, held: Held | null, error: unknown): void {
    this.asked = null;
    const isChosen = step.kind === "mode" && step.coach !== undefined;
    if (quieter(held, step)) {
      // Whoever was chosen may have gone: nobody else is whispered to instead.
      if (isChosen && this.wanted?.at === step.at) this.wanted = { at: step.at, mode: "listen" };
      this.timer = setTimeout(() => this.settle(), RETRY_MS);
      return;
    }
    if (this.wanted?.at === step.at) {
      // Of an unanswered request nobody knows what became: the quietest that can hold is wanted.
      const unanswered = error instanceof ApiError && error.unanswered;
      this.wanted = held && { at: held.at, mode: unanswered ? "listen" : held.mode };
      const mode = step.kind === "mode" ? step.mode : "listen";
      if (mode === "barge") this.confirmed.delete(step.at);
      this.store.patch({
        notice: { kind: "refused", mode, detail: error instanceof Error ? error.message : String(error) },
      });
    }
    this.settle();
  }

  private told(because: (was: Held) => Notice, fellBack: (was: Held) => FellBack): void {
    const was = this.store.get().held;
    const held = this.held();
    const { wanted } = this;
    const ended = was !== null && held === null && wanted?.at === was.at;
    if (!this.asked || ended) this.wanted = adopted(was, held, wanted);
    if (ended) this.store.patch({ notice: because(was) });
    const fell = was !== null && held?.mode === "listen" && noticed(was.mode) && noticed(wanted?.mode);
    if (fell && !this.asked) this.store.patch({ notice: { kind: "fell_back", ...fellBack(was) } });
    this.look();
  }

  /** Ends the wait for a granted step once the server's picture shows it. */
  private look(): void {
    const { asked } = this;
    const shows =
      asked?.granted && reflected(asked.step, this.held(), asked.granted.revision, this.port.revisionOf(asked.step.at));
    if (shows) {
      clearTimeout(this.timer);
      this.asked = null;
      this.wanted = adopted(this.store.get().held, this.held(), this.wanted);
    }
    this.settle();
  }

  /**
   * What an earlier page or connection of this tab left: after any fault supervision returns as off.
   * What another tab, browser or device of the user's does is its own affair.
   */
  private async endStrays(): Promise<void> {
    const { port, claim, epoch } = this;
    if (this.endingStrays) return;
    const strays = port.strays(claim).filter((stray) => port.begun.has(port.keyOf(stray)));
    this.cleared = true;
    if (strays.length === 0) return;
    this.endingStrays = true;
    // A tab that was duplicated has copied what the first one remembers.
    const theirs = await port.tabs.supervise();
    if (!theirs && epoch === this.epoch) {
      const left = await Promise.allSettled(strays.map((stray) => port.leave(stray)));
      strays.forEach((stray, index) => left[index]?.status === "fulfilled" && port.begun.drop(port.keyOf(stray)));
      // Tried again with the next news.
      if (left.some(({ status }) => status === "rejected")) this.cleared = false;
    }
    this.endingStrays = false;
  }

  private becameReady(): void {
    this.ready = true;
    this.cleared = false;
    const { lostAt } = this;
    if (lostAt !== null) {
      this.store.patch({ notice: { kind: "reconnected", over: this.port.revisionOf(lostAt) === undefined } });
    }
    this.lostAt = null;
    this.settle();
  }

  private becameLost(): void {
    if (!this.ready) return;
    this.ready = false;
    this.lostAt = this.store.get().held?.at ?? this.wanted?.at ?? null;
    this.forget();
    this.store.patch({ notice: null });
    this.settle();
  }

  private forget(): void {
    this.epoch += 1;
    this.wanted = null;
    this.claim = null;
    this.asked = null;
    clearTimeout(this.timer);
  }
}
