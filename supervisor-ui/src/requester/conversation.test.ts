import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/http";
import type {
  ConversationView,
  Envelope,
  MessageView,
  PostMessage,
  TextEnvelope,
  TranscriptView,
} from "../wire/generated";
import { newChat } from "./chat";
import { Conversation } from "./conversation";

const DANIEL = { user: "d", name: "Daniel" };
const ANA = { user: "a", name: "Ana" };
const UNREACHABLE = new ApiError("unreachable", 0, "The server does not answer.");

/** A server that keeps each message once by its client id, on a line that may fail. */
class FakeServer {
  readonly messages: MessageView[] = [];
  ended = false;
  fails: () => "before" | "after" | null = () => null;
  hears: (event: TextEnvelope) => void = () => undefined;
  readonly asked: string[] = [];

  view(): ConversationView {
    return {
      id: "k",
      state: this.ended ? "ended" : "active",
      channel: "web_chat",
      requester: DANIEL,
      messages: this.messages.length,
      marks: [],
      opened_at: 0,
      members: [
        { ...DANIEL, part: "requester", since: 0 },
        { ...ANA, part: "agent", since: 1 },
      ],
      may: { write_public: !this.ended, write_private: false, transcript: true },
    };
  }

  readonly api = {
    post: vi.fn((_id: string, { text, client_id }: PostMessage) =>
      this.line(() => {
        const known =
          this.messages.find((it) => it.client_id === client_id) ??
          this.put({ author: DANIEL, part: "requester", text, client_id });
        return { number: known.number, public: known.number, at: known.at };
      }),
    ),
    messages: vi.fn((_id: string, before: number) =>
      this.line(() => {
        this.asked.push(`before ${before}`);
        const found = this.messages.filter(({ number }) => number < before).slice(-50);
        return { messages: found, more: (found[0]?.number ?? 1) > 1 };
      }),
    ),
    conversation: vi.fn(() =>
      this.line(() => {
        if (this.ended) throw new ApiError("/problems/not-found", 404, "There is no such conversation.");
        return this.view();
      }),
    ),
    transcript: vi.fn((_id: string): Promise<TranscriptView> => Promise.resolve({ kind: "external", lines: [] })),
    typing: vi.fn(() => Promise.resolve()),
    mark: vi.fn(() => Promise.resolve()),
    end: vi.fn(() => this.line(() => void (this.ended = true))),
  };

  put(message: Pick<MessageView, "author" | "part" | "text" | "client_id">): MessageView {
    const number = this.messages.length + 1;
    const put = { ...message, number, public: number, at: Date.now(), attachments: [] };
    this.messages.push(put);
    this.hears({ type: "message.posted", seq: 1, at: Date.now(), conversation: "k", message: put });
    return put;
  }

  says(text: string): void {
    this.put({ author: ANA, part: "agent", text });
  }

  snapshot(): TextEnvelope {
    return {
      type: "text.snapshot",
      seq: 1,
      at: Date.now(),
      conversations: this.ended ? [] : [this.view()],
      offers: [],
      waiting: [],
      chats: [],
    };
  }

  private async line<T>(answer: () => T): Promise<T> {
    const fault = this.fails();
    await Promise.resolve();
    if (fault === "before") throw UNREACHABLE;
    const given = answer();
    await Promise.resolve();
    if (fault === "after") throw UNREACHABLE;
    return given;
  }
}

function setUp() {
  const server = new FakeServer();
  const keep = vi.fn();
  const conversation = new Conversation({ api: server.api, keep, now: Date.now }, newChat(server.view(), Date.now()));
  server.hears = (event) => conversation.hear(event);
  const texts = () => conversation.state.get().chat.messages.map(({ text }) => text);
  return { server, conversation, keep, texts, settle: (ms = 60_000) => vi.advanceTimersByTimeAsync(ms) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("sending", () => {
  it("keeps the order, one after another", async () => {
    const { server, conversation, texts, settle } = setUp();
    ["one", "two", "three"].forEach((text) => conversation.send(text, []));
    await settle();
    expect(server.messages.map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(texts()).toEqual(["one", "two", "three"]);
    expect(conversation.state.get().chat.outbox).toEqual([]);
  });

  it("tries again with the same id when there was no answer, and at once when the line is back", async () => {
    const { server, conversation, texts } = setUp();
    server.fails = () => "after";
    conversation.send("hello", []);
    await vi.advanceTimersByTimeAsync(400);
    server.fails = () => null;
    conversation.hear(server.snapshot());
    await vi.advanceTimersByTimeAsync(0);
    expect(new Set(server.api.post.mock.calls.map(([, { client_id }]) => client_id)).size).toBe(1);
    expect(texts()).toEqual(["hello"]);
    expect(server.messages).toHaveLength(1);
  });

  it("shows a refusal, and goes on with the next one", async () => {
    const { server, conversation, texts, settle } = setUp();
    server.api.post.mockRejectedValueOnce(new ApiError("/problems/bad-input", 422, "Write less."));
    conversation.send("too long", []);
    conversation.send("short", []);
    await settle(0);
    expect(conversation.state.get().chat.outbox).toMatchObject([{ text: "too long", refused: "Write less." }]);
    expect(texts()).toEqual(["short"]);
  });

  it("loses and doubles nothing on any line", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = mulberry(seed);
      const { server, conversation, texts, settle } = setUp();
      let connected = true;
      server.hears = (event) => connected && conversation.hear(event);
      server.fails = () => (random() < 0.4 ? (random() < 0.5 ? "before" : "after") : null);
      const written: string[] = [];
      for (let step = 0; step < 40; step += 1) {
        const dice = random();
        if (dice < 0.4) conversation.send(written[written.push(`own ${step}`) - 1] ?? "", []);
        else if (dice < 0.7) server.says(`agent ${step}`);
        else if (dice < 0.8) {
          connected = false;
          conversation.lost();
        } else if (dice < 0.9) {
          connected = true;
          conversation.hear(server.snapshot());
        }
        await settle(Math.floor(random() * 400));
      }
      server.fails = () => null;
      connected = true;
      conversation.hear(server.snapshot());
      await settle();
      const own = server.messages.filter(({ part }) => part === "requester").map(({ text }) => text);
      expect(own, `seed ${seed}`).toEqual(written);
      expect(texts(), `seed ${seed}`).toEqual(server.messages.map(({ text }) => text));
      conversation.close();
    }
  });
});

describe("receiving", () => {
  it("fetches what a lost connection has swallowed", async () => {
    const { server, conversation, texts, settle } = setUp();
    server.says("one");
    server.hears = () => undefined;
    for (let n = 0; n < 70; n += 1) server.says(`lost ${n}`);
    conversation.hear(server.snapshot());
    await settle();
    expect(texts()).toEqual(server.messages.map(({ text }) => text));
    expect(server.asked).toEqual(["before 72", "before 22"]);
  });

  it("does not ask for ever for what the server does not have", async () => {
    const { server, conversation, settle } = setUp();
    conversation.hear({ type: "conversation.updated", seq: 1, at: 1, conversation: { ...server.view(), messages: 3 } });
    await settle();
    expect(server.asked).toEqual(["before 4"]);
  });

  it("tells how far it got, and whether anybody looked", async () => {
    const { server, conversation } = setUp();
    server.says("one");
    conversation.look(true);
    server.says("two");
    conversation.look(false);
    expect(server.api.mark.mock.calls.map((call) => (call as unknown[])[1])).toEqual([
      { kind: "delivered", up_to: 1 },
      { kind: "read", up_to: 1 },
      { kind: "read", up_to: 2 },
    ]);
  });
});

describe("the end", () => {
  it("is asked for when the conversation is no longer listed", async () => {
    const { server, conversation, settle } = setUp();
    server.ended = true;
    conversation.hear(server.snapshot());
    await settle();
    expect(conversation.state.get()).toMatchObject({
      expired: false,
      chat: { view: { state: "ended", may: { write_public: false, transcript: true } } },
    });
    expect(conversation.state.get().chat.notices.map(({ kind }) => kind)).toEqual(["joined", "ended"]);
  });

  it("is without a transcript where none is given out", async () => {
    const { server, conversation, settle } = setUp();
    server.ended = true;
    server.api.transcript.mockRejectedValueOnce(new ApiError("/problems/forbidden", 403, "Not for this queue."));
    conversation.hear(server.snapshot());
    await settle();
    expect(conversation.state.get().chat.view.may.transcript).toBe(false);
  });

  it("is known when the server has forgotten the customer", async () => {
    const { server, conversation, settle } = setUp();
    server.api.post.mockRejectedValueOnce(new ApiError("/problems/not-signed-in", 401, "Sign in."));
    conversation.send("hello", []);
    await settle();
    expect(conversation.state.get()).toMatchObject({ expired: true, chat: { outbox: [{ text: "hello" }] } });
  });

  it("keeps what could not be written any more, to be shown", async () => {
    const { server, conversation, settle } = setUp();
    server.api.post.mockImplementation(() => {
      server.ended = true;
      return Promise.reject(new ApiError("/problems/not-found", 404, "There is no such conversation."));
    });
    conversation.send("too late", []);
    await settle();
    expect(conversation.state.get()).toMatchObject({
      expired: false,
      chat: { view: { state: "ended" }, outbox: [{ text: "too late", refused: null }] },
    });
    expect(server.api.post).toHaveBeenCalledTimes(1);
  });

  it("leaves what concerns calls alone", () => {
    const { conversation } = setUp();
    const before = conversation.state.get().chat;
    conversation.hear({
      type: "snapshot",
      seq: 0,
      at: Date.now(),
      calls: [],
      agents: [],
      me: {},
      policy: { notify_agent_on_listen: false },
    } as unknown as Envelope);
    expect(conversation.state.get().chat).toBe(before);
  });
});

/** Small, seeded, good enough. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
