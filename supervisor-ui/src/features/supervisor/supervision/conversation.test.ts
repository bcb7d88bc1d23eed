import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../api/http";
import type { SocketEnd } from "../../../live/socket";
import { LiveStore } from "../../../live/store";
import { aConversation, aMember, aTextSnapshot } from "../../../testing/text";
import { aSnapshot, ME } from "../../../testing/wire";
import type {
  ConversationView,
  Envelope,
  Mode,
  SupervisionRequest,
  SupervisionState,
  TextEnvelope,
  TextEvent,
} from "../../../wire/generated";
import { statementOf } from "./statement";
import { type ConversationSupervision, conversationSupervision } from "./conversation";

const SAM = { user: ME.id, name: ME.name };

/** A server whose grants and events are told one by one. */
class Bench {
  readonly log: string[] = [];
  readonly revisions = new Map<string, number>();
  seq = 1;
  otherTab = false;
  /** What this tab began. */
  readonly begun = new Set<string>() as Set<string> & { drop(key: string): void };
  answer: (request: string) => Promise<void> = () => Promise.resolve();
  private take: (envelope: Envelope | TextEnvelope) => void = () => undefined;
  private end: (end: SocketEnd) => void = () => undefined;
  readonly live = new LiveStore({
    open: (onMessage, onEnd) => {
      [this.take, this.end] = [onMessage, onEnd];
      return { close: () => undefined, retryNow: () => void this.log.push("reconnect") };
    },
    now: () => 0,
  });
  readonly text: ConversationSupervision;

  constructor(views: ConversationView[] = [this.in("a", null), this.in("b", null)], begun: readonly string[] = []) {
    begun.forEach((key) => this.begun.add(key));
    this.begun.drop = (key) => void this.begun.delete(key);
    this.live.start();
    this.connect(views);
    this.text = conversationSupervision({
      live: this.live,
      api: {
        supervise: async (id, { mode, announce }: SupervisionRequest): Promise<SupervisionState> => {
          this.log.push(`${mode} ${id}${announce ? " announced" : ""}`);
          await this.answer(`${mode} ${id}`);
          return { mode, revision: (this.revisions.get(id) ?? 0) + 1 };
        },
        unsupervise: async (id) => {
          this.log.push(`stop ${id}`);
          await this.answer(`stop ${id}`);
        },
      },
      tabs: { announce: () => undefined, supervise: () => Promise.resolve(this.otherTab) },
      begun: this.begun,
      owns: ({ call }) => call === undefined,
    });
  }

  /** A conversation with this user in that mode, one revision on. */
  in(id: string, mode: Mode | null, more: Partial<ConversationView> = {}): ConversationView {
    const revision = (this.revisions.get(id) ?? 0) + 1;
    this.revisions.set(id, revision);
    const plain = aConversation(id, { messages: 0, revision, ...more });
    return mode ? { ...plain, members: [...plain.members, aMember(SAM, "supervisor", { mode })] } : plain;
  }

  connect(views: ConversationView[]): void {
    this.seq = 1;
    this.take(aSnapshot([]));
    this.take(aTextSnapshot(views));
  }

  lose(): void {
    this.end("lost");
  }

  async event(event: TextEvent): Promise<void> {
    this.seq += 1;
    this.take({ seq: this.seq, at: this.seq, ...event } as TextEnvelope);
    await settled();
  }

  /** The server tells that it holds. */
  told(id: string, mode: Mode | null): Promise<void> {
    return this.event({ type: "conversation.updated", conversation: this.in(id, mode) });
  }

  async listening(): Promise<this> {
    this.text.listen("a");
    await settled();
    await this.told("a", "listen");
    return this;
  }

  get mode(): string {
    const { held, pending } = this.text.view.get();
    const wait = pending ? (pending.kind === "asking" ? ` asking ${pending.mode}` : ` leaving to ${pending.to}`) : "";
    return (held?.mode ?? "off") + wait;
  }
}

const settled = async () => {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
};

beforeEach(() => void vi.useRealTimers());

describe("supervision in text", () => {
  it("claims a mode only once the server's event is there", async () => {
    const bench = new Bench();
    bench.text.listen("a");
    expect(bench.mode).toBe("off asking listen");
    await settled();
    expect(bench.mode).toBe("off asking listen");
    await bench.told("a", "listen");
    expect(bench.mode).toBe("listen");
    bench.text.speak("whisper");
    await settled();
    expect(bench.mode).toBe("listen asking whisper");
    await bench.told("a", "whisper");
    expect(bench.mode).toBe("whisper");
    expect(bench.log).toEqual(["listen a", "whisper a"]);
  });

  it("announces the step to everybody, and does not ask again in this supervision", async () => {
    const bench = await new Bench().listening();
    expect(bench.text.mayBargeUnasked("a")).toBe(false);
    bench.text.speak("barge");
    await settled();
    await bench.told("a", "barge");
    expect(bench.mode).toBe("barge");
    expect(bench.log.at(-1)).toBe("barge a announced");
    bench.text.speak("take_over");
    await settled();
    await bench.told("a", "take_over");
    expect(bench.mode).toBe("take_over");
    expect(bench.log.at(-1)).toBe("take_over a announced");
    bench.text.speak("barge");
    await settled();
    await bench.told("a", "barge");
    bench.text.listen("a");
    await settled();
    expect(bench.mode).toBe("barge leaving to listen");
    await bench.told("a", "listen");
    expect(bench.text.mayBargeUnasked("a")).toBe(true);
    bench.text.stop();
    await settled();
    await bench.told("a", null);
    expect(bench.mode).toBe("off");
    expect(bench.text.mayBargeUnasked("a")).toBe(false);
  });

  it("leaves one conversation before it enters the next", async () => {
    const bench = await new Bench().listening();
    bench.text.listen("b");
    await settled();
    expect(bench.log).toEqual(["listen a", "stop a"]);
    await bench.told("a", null);
    expect(bench.log.at(-1)).toBe("listen b");
    await bench.told("b", "listen");
    expect(bench.text.view.get().held?.at).toBe("b");
  });

  it("shows a refusal and stays what it was", async () => {
    const bench = await new Bench().listening();
    bench.answer = () => Promise.reject(new ApiError("/problems/forbidden", 403, "Not in your role."));
    bench.text.speak("barge");
    await settled();
    expect(bench.mode).toBe("listen");
    expect(bench.text.view.get().notice).toEqual({ kind: "refused", mode: "barge", detail: "Not in your role." });
    expect(bench.text.mayBargeUnasked("a")).toBe(false);
  });

  it("tries a step to fewer people again until it is done", async () => {
    vi.useFakeTimers();
    const bench = await new Bench().listening();
    bench.answer = () => Promise.reject(new ApiError("unreachable", 0, "No answer."));
    bench.text.stop();
    await settled();
    expect(bench.mode).toBe("listen leaving to off");
    bench.answer = () => Promise.resolve();
    vi.advanceTimersByTime(500);
    await settled();
    expect(bench.log.filter((entry) => entry === "stop a")).toHaveLength(2);
    await bench.told("a", null);
    expect(bench.mode).toBe("off");
  });

  it("is off when the connection is lost, and says so when it is back", async () => {
    const bench = await new Bench().listening();
    bench.text.speak("barge");
    await settled();
    await bench.told("a", "barge");
    bench.lose();
    expect(bench.mode).toBe("off");
    expect(statementOf(bench.live.getState().connection, null, null, () => ({ whom: "", perhaps: [] }))).toEqual({
      mode: "lost",
    });
    bench.connect([bench.in("a", null), bench.in("b", null)]);
    await settled();
    expect(bench.mode).toBe("off");
    expect(bench.text.view.get().notice).toEqual({ kind: "reconnected", over: false });
  });

  it("leaves alone what another browser or device does", async () => {
    const bench = new Bench([aConversation("a", { members: [aMember(SAM, "supervisor", { mode: "barge" })] })]);
    await settled();
    expect(bench.log).toEqual([]);
  });

  it("ends what an earlier page of this tab left, unless another tab is at it", async () => {
    const left = [aConversation("a", { members: [aMember(SAM, "supervisor", { mode: "barge" })] })];
    const bench = new Bench(left, ["a"]);
    await settled();
    expect(bench.mode).toBe("off");
    expect(bench.log).toEqual(["stop a"]);
    const other = new Bench();
    other.otherTab = true;
    await other.told("b", "whisper");
    expect(other.log).toEqual([]);
  });

  it("leaves alone what another tab reads, also while it reads itself", async () => {
    const bench = await new Bench().listening();
    bench.otherTab = true;
    await bench.told("b", "whisper");
    expect(bench.log).toEqual(["listen a"]);
    bench.otherTab = false;
    await bench.told("b", "whisper");
    expect(bench.log).toEqual(["listen a"]);
  });

  it("leaves what is written beside a call to the call's supervision", async () => {
    const bench = new Bench([
      aConversation("a", { call: "c", channel: "voice", members: [aMember(SAM, "supervisor", { mode: "listen" })] }),
    ]);
    await settled();
    expect(bench.log).toEqual([]);
  });

  it("tells that it ended with the conversation, or by the server", async () => {
    const ended = await new Bench().listening();
    await ended.event({ type: "conversation.ended", conversation: ended.in("a", "listen", { state: "ended" }) });
    expect(ended.mode).toBe("off");
    expect(ended.text.view.get().notice).toEqual({ kind: "ended", customer: "Daniel", seen: false });
    const withdrawn = await new Bench().listening();
    await withdrawn.event({ type: "conversation.left", conversation: withdrawn.in("a", null), member: SAM });
    expect(withdrawn.text.view.get().notice).toMatchObject({ kind: "withdrawn" });
    expect(withdrawn.log).toEqual(["listen a"]);
  });

  it("says so when the server takes it back to Listen", async () => {
    const bench = await new Bench().listening();
    bench.text.speak("whisper");
    await settled();
    await bench.told("a", "whisper");
    await bench.told("a", "listen");
    expect(bench.mode).toBe("listen");
    expect(bench.text.view.get().notice).toMatchObject({ kind: "fell_back" });
    expect(bench.log).toEqual(["listen a", "whisper a"]);
  });

  it("asks for a fresh picture when the event does not come", async () => {
    vi.useFakeTimers();
    const bench = new Bench();
    bench.text.listen("a");
    await settled();
    vi.advanceTimersByTime(3000);
    expect(bench.log.at(-1)).toBe("reconnect");
    expect(bench.mode).toBe("off asking listen");
  });

  it("ends with the page", async () => {
    const bench = await new Bench().listening();
    bench.text.dispose();
    expect(bench.log.at(-1)).toBe("stop a");
  });
});
