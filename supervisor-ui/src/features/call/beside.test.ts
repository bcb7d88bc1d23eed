import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../api/http";
import type { GuestTextApi } from "../../api/guestText";
import { ANA, aConversation, aMessage } from "../../testing/text";
import type { TextEnvelope } from "../../wire/generated";
import { Beside } from "./beside";

const view = aConversation("k", { channel: "voice", call: "c" });
const updated: TextEnvelope = { type: "conversation.updated", seq: 1, at: 1, conversation: view };
const posted: TextEnvelope = {
  type: "message.posted",
  seq: 2,
  at: 2,
  conversation: "k",
  message: aMessage(1, { author: ANA, part: "agent" }),
};

function setUp() {
  const api = {
    beside: vi.fn(async () => view),
    conversation: vi.fn(async () => ({ ...view, state: "ended" as const })),
    messages: vi.fn(async () => ({ messages: [], more: false })),
    mark: vi.fn(async () => undefined),
  };
  return { api, beside: new Beside(api as unknown as GuestTextApi) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the conversation beside a call", () => {
  it("is the one of this call, and of no other", () => {
    const { beside } = setUp();
    beside.hear(updated, null);
    beside.hear(updated, "other");
    expect(beside.view.get().tools).toBeNull();
    beside.hear(updated, "c");
    expect(beside.view.get()).toMatchObject({ isShown: false, news: 0, tools: { conversation: { id: "k" } } });
  });

  it("counts what the agent writes until it is looked at", () => {
    const { beside } = setUp();
    beside.hear(updated, "c");
    beside.hear(posted, "c");
    expect(beside.view.get().news).toBe(1);
    beside.view.get().tools?.conversation.look(true);
    expect(beside.view.get().news).toBe(0);
  });

  it("is asked for when the caller begins, or when a word came before it", async () => {
    const { beside, api } = setUp();
    await beside.show("c");
    expect(beside.view.get()).toMatchObject({ isShown: true, failed: false, tools: { conversation: { id: "k" } } });
    const other = setUp();
    other.beside.hear(posted, "c");
    await vi.advanceTimersByTimeAsync(0);
    expect(other.beside.view.get()).toMatchObject({ isShown: false, tools: { conversation: { id: "k" } } });
    expect([api.beside.mock.calls.length, other.api.beside.mock.calls.length]).toEqual([1, 1]);
  });

  it("says so when there is none to be had", async () => {
    const { beside, api } = setUp();
    api.beside.mockRejectedValueOnce(new ApiError("/problems/no-such-call", 404, "No."));
    await beside.show("c");
    expect(beside.view.get()).toMatchObject({ failed: true, tools: null });
  });

  it("ends with its call, and is another one with the next", async () => {
    const { beside } = setUp();
    beside.hear(updated, "c");
    const before = beside.view.get().tools?.conversation;
    beside.callEnded();
    await vi.advanceTimersByTimeAsync(600);
    expect(before?.state.get().chat.view.state).toBe("ended");
    beside.reset();
    expect(beside.view.get().tools).toBeNull();
  });
});
