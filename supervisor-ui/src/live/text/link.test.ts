import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../api/http";
import { ANA, aConversation, aMessage, aPrivate, aTextSnapshot } from "../../testing/text";
import { aSnapshot } from "../../testing/wire";
import type { Envelope, TextEnvelope } from "../../wire/generated";
import type { SocketEnd } from "../socket";
import { LiveStore } from "../store";
import { TextLink } from "./link";

const REF = { kind: "conversation" as const, id: "a" };

function link(views = [aConversation("a", { messages: 3 })]) {
  let take: (envelope: Envelope | TextEnvelope) => void = () => undefined;
  let end: (why: SocketEnd) => void = () => undefined;
  const live = new LiveStore({
    now: () => 5,
    open: (onMessage, onEnd) => (
      ([take, end] = [onMessage, onEnd]),
      { close: () => undefined, retryNow: () => undefined }
    ),
  });
  const api = {
    post: vi.fn(async () => ({ number: 4, public: 4, at: 9 })),
    messages: vi.fn(async (_id: string, before: number | null) => ({
      messages: [1, 2, 3].filter((number) => number < (before ?? 99)).map((number) => aMessage(number)),
      more: false,
    })),
    typing: vi.fn(async () => undefined),
    mark: vi.fn(async () => undefined),
    postChat: vi.fn(async () => undefined),
    chatMessages: vi.fn(async () => ({ messages: [], more: false })),
    readChat: vi.fn(async () => undefined),
  };
  live.start();
  const text = new TextLink({
    api,
    me: ANA,
    getText: () => live.getState().text,
    subscribe: live.subscribe,
    act: live.act,
    isLive: () => live.getState().connection.kind === "live",
    serverNow: () => 7,
  });
  const connect = () => {
    take({ ...aSnapshot([]), me: { ...aSnapshotUser(), id: ANA.user } } as Envelope);
    take(aTextSnapshot(views));
  };
  connect();
  const thread = () => live.getState().text.messages.get("a");
  return { live, api, text, thread, connect, take, end };
}

function aSnapshotUser() {
  const snapshot = aSnapshot([]);
  if (snapshot.type !== "snapshot") throw new Error("not a snapshot");
  return snapshot.me;
}

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.useRealTimers());

describe("the link to the server", () => {
  it("tells nobody of what does not change", () => {
    const { live, text } = link();
    text.want(REF);
    const before = live.getState();
    text.want(REF);
    expect(live.getState()).toBe(before);
  });

  it("fetches what is missing of what is looked at, and of nothing else", async () => {
    const { api, text, thread } = link();
    expect(api.messages).not.toHaveBeenCalled();
    text.want(REF);
    await vi.waitFor(() => expect(thread()?.messages).toHaveLength(3));
    expect(api.messages.mock.calls).toEqual([["a", null]]);
  });

  it("fills the gap that a lost message leaves", async () => {
    const { api, text, thread, take } = link([aConversation("a", { messages: 0 })]);
    text.want(REF);
    take({ type: "message.posted", seq: 2, at: 1, conversation: "a", message: aMessage(1) });
    take({ type: "message.posted", seq: 3, at: 1, conversation: "a", message: aMessage(4) });
    await vi.waitFor(() => expect(thread()?.messages.map(({ number }) => number)).toEqual([1, 2, 3, 4]));
    expect(api.messages.mock.calls).toEqual([["a", 4]]);
  });

  it("shows a message at once and makes it the real one with the receipt", async () => {
    const { text, thread } = link([aConversation("a", { messages: 3 })]);
    text.want(REF);
    await vi.waitFor(() => expect(thread()?.messages).toHaveLength(3));
    text.send("a", { text: "hello", visibility: "public", attachments: [] });
    expect(thread()?.outgoing).toMatchObject([{ text: "hello", failed: null, at: 7 }]);
    await vi.waitFor(() => expect(thread()?.outgoing).toEqual([]));
    expect(thread()?.messages.at(-1)).toMatchObject({
      number: 4,
      public: 4,
      text: "hello",
      author: ANA,
      part: "agent",
    });
  });

  it("offers a retry with the same id after a refusal, and retries itself after an outage", async () => {
    const { api, text, thread, connect, end } = link();
    api.post.mockRejectedValueOnce(new ApiError("/problems/too-long", 422, "Write less."));
    text.send("a", { text: "long", visibility: "private", attachments: [] });
    await vi.waitFor(() => expect(thread()?.outgoing[0]?.failed).toBe("Write less."));
    api.post.mockRejectedValueOnce(new ApiError("unreachable", 0, "The server does not answer."));
    const refused = thread()?.outgoing[0];
    if (!refused) throw new Error("nothing to retry");
    text.retry(REF, refused);
    await vi.waitFor(() => expect(thread()?.outgoing[0]?.failed).toBe(""));
    end("lost");
    expect(api.post).toHaveBeenCalledTimes(2);
    connect();
    await vi.waitFor(() => expect(thread()?.outgoing).toEqual([]));
    expect(api.post).toHaveBeenCalledTimes(3);
    const ids = (api.post.mock.calls as unknown as [string, { client_id: string }][]).map(([, body]) => body.client_id);
    expect(new Set(ids).size).toBe(1);
  });

  it("marks what arrived as delivered by itself, and as read when it is looked at", async () => {
    const { api, text, take } = link([aConversation("a", { messages: 0 })]);
    text.want(REF);
    take({ type: "message.posted", seq: 2, at: 1, conversation: "a", message: aMessage(1) });
    take({ type: "message.posted", seq: 3, at: 1, conversation: "a", message: aPrivate(2) });
    expect(api.mark.mock.calls).toEqual([["a", { kind: "delivered", up_to: 1 }]]);
    text.look("a");
    text.look("a");
    expect(api.mark.mock.calls.slice(1)).toEqual([["a", { kind: "read", up_to: 1 }]]);
  });

  it("marks nothing for a supervisor", () => {
    const { api, text, take } = link([aConversation("a", { members: [], messages: 0 })]);
    take({ type: "message.posted", seq: 2, at: 1, conversation: "a", message: aMessage(1) });
    text.look("a");
    expect(api.mark).not.toHaveBeenCalled();
  });

  it("says that one types, again while it goes on, and that one has stopped", () => {
    vi.useFakeTimers();
    const { api, text } = link();
    text.typing.typed("a");
    text.typing.typed("a");
    expect(api.typing).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(3000);
    text.typing.typed("a");
    expect(api.typing).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5000);
    expect(api.typing).toHaveBeenLastCalledWith("a", { visibility: "public", typing: false });
  });

  it("remembers what was looked at over a reload", () => {
    const { text, take } = link([aConversation("a", { messages: 0 })]);
    take({ type: "message.posted", seq: 2, at: 1, conversation: "a", message: aMessage(1) });
    text.look("a");
    const again = link([aConversation("a", { messages: 3 })]);
    expect(again.live.getState().text.seen.get("a")).toBe(1);
  });
});
