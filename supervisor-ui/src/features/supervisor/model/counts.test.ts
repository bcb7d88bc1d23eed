import { describe, expect, it } from "vitest";
import { aConversation } from "../../../testing/text";
import { aCall } from "../../../testing/wire";
import { entriesOf } from "./entry";
import { countsOf } from "./counts";

describe("the tiles", () => {
  it("count live and waiting calls and chats, and agents who are there", () => {
    const agent = (state: "ready" | "active" | "offline" | "not_ready") => ({
      user: state,
      name: state,
      queues: [],
      state,
      since: 0,
    });
    const calls = [
      aCall("a"),
      aCall("b", { held: true }),
      aCall("c", { state: "waiting", placed_at: 7 }),
      aCall("d", { state: "ringing", placed_at: 5 }),
    ];
    const chats = [
      aConversation("e"),
      aConversation("f", { state: "parked", opened_at: 3 }),
      aConversation("g", { call: "a", channel: "voice" }),
      aConversation("h", { state: "ended" }),
    ];
    expect(
      countsOf(entriesOf(calls, chats), [agent("ready"), agent("active"), agent("offline"), agent("not_ready")]),
    ).toEqual({
      calls: 2,
      held: 1,
      chats: 1,
      waiting: 3,
      waitingSince: 3,
      agents: 3,
      ready: 1,
      active: 1,
    });
  });
});
