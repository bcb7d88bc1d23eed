import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../api/http";
import { LiveStore } from "../../../live/store";
import type { SocketEnd } from "../../../live/socket";
import type { Gate } from "../../../media/gate";
import { aCall, aLeg, aSnapshot, ME, supervised } from "../../../testing/wire";
import type { CallView, Envelope, LegState, LegUpdate, Mode } from "../../../wire/generated";
import { CallSupervision } from "./call";

/** A server whose grants and events are told one by one. */
class Bench {
  readonly log: string[] = [];
  gate: Gate = "closed";
  seq = 0;
  permission: "granted" | "unknown" = "granted";
  microphone: () => Promise<void> = () => Promise.resolve();
  answer: (request: string) => Promise<LegState> = () => Promise.resolve({ leg: "own", revision: this.revision() });
  failure: (reason: "media" | "microphone") => void = () => undefined;
  private take: (envelope: Envelope) => void = () => undefined;
  private end: (end: SocketEnd) => void = () => undefined;
  readonly live = new LiveStore({
    open: (onMessage, onEnd) => {
      [this.take, this.end] = [onMessage, onEnd];
      return { close: () => undefined, retryNow: () => void this.log.push("reconnect") };
    },
    now: () => 0,
  });
  readonly supervision: CallSupervision;
  /** Whom the last change of mode was to coach. */
  coach: string | undefined;
  private call = aCall("a");
  otherTab = false;
  /** What this tab began, and which calls the user has barged into. */
  readonly begun = new Set<string>() as Set<string> & { drop(key: string): void };
  readonly barged = new Set<string>();

  constructor(calls: CallView[] = [aCall("a"), aCall("b")], begun: readonly string[] = []) {
    begun.forEach((key) => this.begun.add(key));
    this.begun.drop = (key) => void this.begun.delete(key);
    this.live.start();
    this.take(aSnapshot(calls));
    const ask = (request: string) => {
      this.log.push(`${request} gate=${this.gate}`);
      return this.answer(request);
    };
    this.supervision = new CallSupervision({
      live: this.live,
      api: {
        listen: (call) => ask(`listen ${call}`),
        updateLeg: (call: string, _leg: string, update: LegUpdate) => {
          this.coach = update.coach;
          return ask(`${update.mode} ${call}${update.announce ? " announced" : ""}`);
        },
        deleteLeg: (call, leg) => ask(`leave ${call} ${leg}`).then(() => undefined),
      },
      station: {
        id: () => "s1",
        open: () => Promise.resolve("s1"),
        unlock: () => undefined,
        setGate: (gate) => void (this.gate = gate),
        onFailure: (listener) => ((this.failure = listener), () => undefined),
        microphone: {
          permission: () => Promise.resolve(this.permission),
          open: () => this.microphone(),
          close: () => this.log.push("microphone closed"),
        } as never,
      },
      tabs: { announce: () => undefined, supervise: () => Promise.resolve(this.otherTab) },
      begun: this.begun,
      barged: this.barged,
    });
  }

  revision(): number {
    return (this.call.revision ?? 0) + 1;
  }

  /** The server's event: this user's leg is now in `mode`, and coaches this agent. */
  tell(mode: Mode, coach = "agent"): void {
    const call = supervised(this.call, mode);
    this.call = { ...call, legs: call.legs.map((it) => (it.mode === "whisper" ? { ...it, coach } : it)) };
    const leg = aLeg("own", "supervisor", ME.name, { user: ME.id, mode });
    this.emit({ type: "supervision.started", call: this.call, leg });
  }

  tellGone(): void {
    this.call = { ...aCall("a"), revision: this.revision() };
    this.emit({ type: "supervision.ended", call: this.call, leg: aLeg("own", "supervisor", ME.name, { user: ME.id }) });
  }

  emit(event: object): void {
    this.seq += 1;
    this.take({ ...event, seq: this.seq, at: this.seq } as Envelope);
  }

  lose(): void {
    this.end("lost");
  }

  reconnect(calls: CallView[]): void {
    this.seq = 0;
    this.take(aSnapshot(calls));
  }

  get view() {
    const { supervision } = this;
    return { ...supervision.view.get(), holding: supervision.holding.get() };
  }

  async listening(): Promise<void> {
    this.supervision.listen("a");
    await settled();
    this.tell("listen");
    await settled();
    this.log.length = 0;
  }

  async whispering(): Promise<void> {
    await this.listening();
    await this.supervision.speak("whisper");
    await settled();
    this.tell("whisper");
    await settled();
    this.log.length = 0;
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe("a take-over", () => {
  it("speaks through an open microphone, was confirmed, and is handed back", async () => {
    await bench.listening();
    await bench.supervision.speak("barge");
    await settled();
    bench.tell("barge");
    await bench.supervision.speak("take_over");
    await settled();
    expect(bench.log.at(-1)).toBe("take_over a announced gate=open");
    bench.tell("take_over");
    await settled();
    expect(bench.view).toMatchObject({ held: { mode: "take_over" }, pending: null });
    expect(bench.gate).toBe("open");
    await bench.supervision.speak("barge");
    await settled();
    expect(bench.log.at(-1)).toBe("barge a gate=open");
    bench.tell("barge");
    expect(bench.view).toMatchObject({ held: { mode: "barge" }, notice: null });
  });

  it("says why where it can't be handed back, and asks no more", async () => {
    await bench.listening();
    await bench.supervision.speak("take_over");
    await settled();
    bench.tell("take_over");
    await settled();
    const before = bench.log.length;
    bench.answer = () => Promise.reject(new ApiError("call-refused", 409, "No agent is on the call."));
    await bench.supervision.speak("barge");
    await settled();
    expect(bench.view).toMatchObject({ held: { mode: "take_over" }, notice: { kind: "refused", mode: "barge" } });
    expect(bench.log.length).toBe(before + 1);
  });
});

describe("supervision", () => {
  it("claims nothing before the server's event", async () => {
    bench.supervision.listen("a");
    await settled();
    expect(bench.view).toMatchObject({ held: null, pending: { kind: "asking", mode: "listen" } });
    bench.tell("listen");
    expect(bench.view).toMatchObject({ held: { at: "a", mode: "listen" }, pending: null });
  });

  it("takes the event before the answer just as well", async () => {
    let grant: (state: LegState) => void = () => undefined;
    bench.answer = () => new Promise((resolve) => (grant = resolve));
    bench.supervision.listen("a");
    await settled();
    bench.tell("listen");
    expect(bench.view.held).toBeNull();
    grant({ leg: "own", revision: 2 });
    await settled();
    expect(bench.view.held?.mode).toBe("listen");
  });

  it("opens the microphone after the event, and not at the answer", async () => {
    await bench.listening();
    await bench.supervision.speak("whisper");
    await settled();
    expect(bench.log).toEqual(["whisper a gate=armed"]);
    expect(bench.gate).toBe("armed");
    bench.tell("whisper");
    expect(bench.gate).toBe("open");
  });

  it("closes the microphone before it asks to leave", async () => {
    await bench.whispering();
    bench.supervision.listen("a");
    expect(bench.gate).toBe("closed");
    await settled();
    expect(bench.log).toEqual(["listen a gate=closed"]);
    expect(bench.view).toMatchObject({
      held: { mode: "whisper" },
      pending: { kind: "leaving", from: "whisper", to: "listen" },
    });
  });

  it("does not open the microphone again on a late event of the mode that is being left", async () => {
    await bench.whispering();
    bench.supervision.listen("a");
    await settled();
    bench.emit({ type: "leg.changed", call: bench.live.getState().calls.get("a") });
    expect(bench.gate).toBe("closed");
  });

  it("tries to leave until it is done", async () => {
    vi.useFakeTimers();
    try {
      bench.supervision.listen("a");
      await vi.advanceTimersByTimeAsync(0);
      bench.tell("listen");
      bench.log.length = 0;
      bench.answer = () => Promise.reject(new ApiError("unreachable", 0, "gone"));
      bench.supervision.stop();
      await vi.advanceTimersByTimeAsync(1600);
      expect(bench.log.filter((entry) => entry.startsWith("leave")).length).toBeGreaterThanOrEqual(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it("keeps the old truth when a mode is refused", async () => {
    await bench.listening();
    bench.answer = () => Promise.reject(new ApiError("/problems/not-permitted", 403, "You may not."));
    await bench.supervision.speak("barge");
    await settled();
    expect(bench.view).toMatchObject({
      held: { mode: "listen" },
      pending: null,
      notice: { kind: "refused", mode: "barge", detail: "You may not." },
    });
    expect(bench.gate).toBe("closed");
  });

  it("is off, muted and without a leg of its own once the connection is lost", async () => {
    await bench.whispering();
    bench.lose();
    expect(bench.gate).toBe("closed");
    expect(bench.view.held).toBeNull();
    bench.reconnect([supervised(aCall("a"), "whisper")]);
    await settled();
    expect(bench.gate).toBe("closed");
    expect(bench.view).toMatchObject({ held: null, notice: { kind: "reconnected", over: false } });
    expect(bench.log).toContain("leave a own gate=closed");
  });

  it("ends what a page of this tab left behind, but not what another tab, browser or device does", async () => {
    const remnant = [supervised(aCall("a"), "whisper")];
    const elsewhere = new Bench(remnant);
    await settled();
    expect(elsewhere.log).toEqual([]);
    const fresh = new Bench(remnant, ["a own"]);
    await settled();
    expect(fresh.log).toEqual(["leave a own gate=closed"]);
    const second = new Bench([], ["a own"]);
    second.otherTab = true;
    second.reconnect(remnant);
    await settled();
    expect(second.log).toEqual([]);
    expect(second.view.held).toBeNull();
  });

  it("leaves alone what another place does, also while it supervises itself", async () => {
    await bench.listening();
    bench.emit({ type: "leg.changed", call: supervised(aCall("b"), "whisper") });
    await settled();
    expect(bench.log).toEqual([]);
    expect(bench.view.held).toEqual({ at: "a", mode: "listen" });
  });

  it("ends what another place does when the user says so", async () => {
    await bench.supervision.stopThere("b", "leg");
    expect(bench.log).toEqual(["leave b leg gate=closed"]);
  });

  it("leaves alone what begins elsewhere while it is idle: another browser, another device", async () => {
    bench.emit({ type: "leg.changed", call: supervised(aCall("b"), "listen") });
    await settled();
    expect(bench.log).toEqual([]);
  });

  it("tries again to end a remnant that it could not end", async () => {
    const fresh = new Bench([supervised(aCall("a"), "whisper")], ["a own"]);
    fresh.answer = () => Promise.reject(new ApiError("unreachable", 0, "gone"));
    await settled();
    fresh.emit({ type: "leg.changed", call: supervised(aCall("a"), "whisper") });
    await settled();
    expect(fresh.log).toEqual(["leave a own gate=closed", "leave a own gate=closed"]);
  });

  it("says why when the server ends it", async () => {
    await bench.whispering();
    bench.emit({ type: "call.ended", call: { ...aCall("a"), state: "ended", end_reason: "agent" } });
    expect(bench.gate).toBe("closed");
    expect(bench.view).toMatchObject({
      held: null,
      pending: null,
      notice: { kind: "ended", cause: "agent", agent: "Ana", caller: "Marek", callerKnew: false },
    });
  });

  it("does not ask again for what the server took away", async () => {
    await bench.whispering();
    bench.tell("listen");
    await settled();
    expect(bench.gate).toBe("closed");
    expect(bench.log).toEqual([]);
    expect(bench.view).toMatchObject({ held: { mode: "listen" }, pending: null });
  });

  it("leaves one call before it listens to another", async () => {
    await bench.listening();
    bench.supervision.listen("b");
    await settled();
    expect(bench.log).toEqual(["leave a own gate=closed"]);
    bench.tellGone();
    await settled();
    expect(bench.log.map((entry) => entry.split(" gate")[0])).toEqual(["leave a own", "listen b"]);
    expect(bench.view.notice).toBeNull();
  });

  it("holds to whisper and goes back on release, also before the grant", async () => {
    await bench.listening();
    await bench.supervision.hold();
    expect(bench.view).toMatchObject({ holding: true, pending: { kind: "asking", mode: "whisper" } });
    bench.supervision.release();
    expect(bench.view.holding).toBe(false);
    expect(bench.gate).toBe("closed");
    await settled();
    bench.tell("whisper");
    expect(bench.gate).toBe("closed");
    await settled();
    expect(bench.log.map((entry) => entry.split(" gate")[0])).toEqual(["whisper a", "listen a"]);
  });

  it("asks for the microphone before it asks the server", async () => {
    await bench.listening();
    bench.permission = "unknown";
    bench.microphone = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    await bench.supervision.speak("whisper");
    await settled();
    expect(bench.log.filter((entry) => entry.startsWith("whisper"))).toEqual([]);
    expect(bench.view).toMatchObject({ held: { mode: "listen" }, pending: null, notice: { kind: "no_microphone" } });
  });

  it("goes back to Listen when the microphone fails", async () => {
    await bench.whispering();
    bench.failure("microphone");
    await settled();
    expect(bench.gate).toBe("closed");
    expect(bench.log.map((entry) => entry.split(" gate")[0])).toEqual(["listen a"]);
    expect(bench.view.notice).toEqual({ kind: "no_microphone" });
  });

  it("stops when its media are gone", async () => {
    await bench.whispering();
    bench.failure("media");
    expect(bench.gate).toBe("closed");
    await settled();
    expect(bench.log.map((entry) => entry.split(" gate")[0])).toEqual(["leave a own"]);
    expect(bench.view.notice).toEqual({ kind: "media_lost" });
  });

  it("says that the server took it back to Listen, unasked", async () => {
    await bench.whispering();
    bench.tell("listen");
    await settled();
    expect(bench.gate).toBe("closed");
    expect(bench.log.filter((entry) => entry.startsWith("whisper"))).toEqual([]);
    expect(bench.view).toMatchObject({
      held: { mode: "listen" },
      pending: null,
      notice: { kind: "fell_back", cause: "unknown" },
    });
  });
});

describe("what the user is told of a supervision that changed by itself", () => {
  it("says that it is back in Listen because the coached agent has left", async () => {
    await bench.whispering();
    const call = supervised(aCall("a", { legs: [aLeg("caller", "caller", "Marek Novák")] }), "listen");
    bench.emit({
      type: "supervision.mode_changed",
      call: { ...call, revision: 9 },
      leg: call.legs[1],
      from: "whisper",
    });
    await settled();
    expect(bench.view.notice).toEqual({ kind: "fell_back", cause: "coach", agent: "Ana" });
  });

  it("never says that the caller heard nothing of whoever had barged before", async () => {
    await bench.listening();
    await bench.supervision.speak("barge");
    await settled();
    bench.tell("barge");
    bench.supervision.listen("a");
    await settled();
    bench.tell("listen");
    await settled();
    bench.emit({ type: "call.ended", call: { ...aCall("a"), state: "ended", end_reason: "agent" } });
    expect(bench.view.notice).toMatchObject({ kind: "ended", callerKnew: true });
  });

  it("tells after a lost connection that the call is over, if it is", async () => {
    await bench.whispering();
    bench.lose();
    bench.reconnect([]);
    await settled();
    expect(bench.view.notice).toEqual({ kind: "reconnected", over: true });
  });

  it("says nothing of a way back that was asked for", async () => {
    await bench.whispering();
    bench.supervision.listen("a");
    await settled();
    bench.tell("listen");
    await settled();
    expect(bench.view.notice).toBeNull();
  });

  it("asks for a fresh picture when a grant is never confirmed", async () => {
    vi.useFakeTimers();
    try {
      bench.supervision.listen("a");
      await vi.advanceTimersByTimeAsync(2900);
      expect(bench.log).not.toContain("reconnect");
      await vi.advanceTimersByTimeAsync(200);
      expect(bench.log).toContain("reconnect");
    } finally {
      vi.useRealTimers();
    }
  });

  it("remembers for which call Barge was confirmed", async () => {
    await bench.listening();
    expect(bench.supervision.mayBargeUnasked("a")).toBe(false);
    await bench.supervision.speak("barge");
    expect(bench.supervision.mayBargeUnasked("a")).toBe(true);
    expect(bench.supervision.mayBargeUnasked("b")).toBe(false);
  });
});

describe("a conference", () => {
  it("whispers to the agent of several who was chosen, and lets nothing reach the one before", async () => {
    await bench.whispering();
    await bench.supervision.speak("whisper", "luis");
    expect(bench.gate).toBe("armed");
    await settled();
    expect([bench.log, bench.coach]).toEqual([["whisper a gate=armed"], "luis"]);
    bench.tell("whisper", "luis");
    expect(bench.gate).toBe("open");
    expect(bench.view).toMatchObject({ held: { mode: "whisper", coach: "luis" }, pending: null });
    await settled();
    await bench.supervision.speak("whisper");
    await settled();
    expect(bench.log).toHaveLength(1);
  });

  it("whispers to nobody else where the chosen agent can’t be had", async () => {
    await bench.listening();
    await bench.supervision.speak("barge");
    await settled();
    bench.tell("barge");
    await settled();
    bench.log.length = 0;
    bench.answer = () => Promise.reject(new ApiError("/problems/call-refused", 409, "No agent."));
    await bench.supervision.speak("whisper", "gone");
    await settled();
    bench.answer = () => Promise.resolve({ leg: "own", revision: bench.revision() });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(bench.log).toEqual(["whisper a gate=open", "listen a gate=closed"]);
  });
});
