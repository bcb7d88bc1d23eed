import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type Credentials } from "../../api/http";
import type { GuestTextApi } from "../../api/guestText";
import type { EventSocketConfig } from "../../live/socket";
import { aConversation } from "../../testing/text";
import { Guest } from "./guest";

function setUp() {
  const asked: Credentials[] = [];
  const sockets: EventSocketConfig[] = [];
  const close = vi.fn();
  const api = {
    enter: vi.fn(async () => ({ token: "t.o.k", expires_at: 0 })),
    open: vi.fn(async () => aConversation("k", { messages: 0 })),
    logout: vi.fn(async () => undefined),
    me: vi.fn(async () => ({})),
    messages: vi.fn(async () => ({ messages: [], more: false })),
  };
  const visitor = vi.fn<() => string | undefined>(() => undefined);
  const guest = () =>
    new Guest({
      visitor,
      api: (credentials) => (asked.push(credentials), api as unknown as GuestTextApi),
      events: (config) => (sockets.push(config), { close }),
    });
  return { api, asked, sockets, close, guest, visitor };
}

beforeEach(() => sessionStorage.clear());

describe("a guest who writes", () => {
  it("comes in without touching the browser's cookie, and is this tab's alone", async () => {
    const { asked, sockets, guest } = setUp();
    const nora = guest();
    await nora.start("Nora", "support", "");
    expect(nora.view.get()).toMatchObject({ step: "chatting", problem: null, tools: { conversation: { id: "k" } } });
    expect(asked).toEqual([{ kind: "none" }, { kind: "bearer", token: "t.o.k" }, { kind: "bearer", token: "t.o.k" }]);
    expect(sockets[0]?.token).toBe("t.o.k");
  });

  it("says what it is about only if it is about something", async () => {
    const { api, guest } = setUp();
    await guest().start("Nora", "support", "");
    await guest().again();
    sessionStorage.clear();
    await guest().start("Nora", "support", "A refund");
    expect(api.open.mock.calls).toEqual([[{ queue: "support" }], [{ queue: "support", subject: "A refund" }]]);
  });

  it("states by what earlier chats of this browser are found, if there is something", async () => {
    const { api, guest, visitor } = setUp();
    visitor.mockReturnValue("f00d");
    await guest().start("Nora", "support", "");
    expect(api.open.mock.calls).toEqual([[{ queue: "support", visitor: "f00d" }]]);
  });

  it("does not keep a place that came to nothing", async () => {
    const { api, guest } = setUp();
    const nora = guest();
    for (const [error, problem] of [
      [new ApiError("/problems/overloaded", 503, "Full."), "busy"],
      [new ApiError("unreachable", 0, "No answer."), "unreachable"],
      [new ApiError("/problems/not-found", 404, "No such queue."), "failed"],
    ] as const) {
      api.open.mockRejectedValueOnce(error);
      await nora.start("Nora", "support", "");
      expect(nora.view.get()).toEqual({ step: "start", problem, tools: null, isNew: false });
    }
    expect(api.logout).toHaveBeenCalledTimes(3);
    expect(guest().view.get().step).toBe("start");
  });

  it("goes on after a reload with the same token, and not after another chat was wanted", async () => {
    const { sockets, close, guest } = setUp();
    await guest().start("Nora", "support", "");
    const reloaded = guest();
    expect(reloaded.view.get()).toMatchObject({ step: "chatting", tools: { conversation: { id: "k" } } });
    expect(sockets[1]?.token).toBe("t.o.k");
    reloaded.again();
    expect(close).toHaveBeenCalled();
    expect(reloaded.view.get().step).toBe("start");
    expect(guest().view.get().step).toBe("start");
  });

  it("is told when the server has forgotten it", async () => {
    const { api, sockets, guest } = setUp();
    const nora = guest();
    await nora.start("Nora", "support", "");
    api.me.mockRejectedValueOnce(new ApiError("/problems/not-signed-in", 401, "Sign in."));
    expect(await sockets[0]?.stillSignedIn()).toBe(false);
    sockets[0]?.onEnd("signed_out");
    expect(nora.view.get().tools?.conversation.state.get().expired).toBe(true);
  });
});
