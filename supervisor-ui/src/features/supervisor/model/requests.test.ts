import { describe, expect, it } from "vitest";
import { ANA, aConversation } from "../../../testing/text";
import { aCall } from "../../../testing/wire";
import type { CallView, HelpRequestView, HelpState, HelpView } from "../../../wire/generated";
import { entriesOf } from "./entry";
import { newestHelp, requestsOf } from "./requests";

const taker = { user: "mei", name: "Mei Tanabe" };
const onCall = (at: number, state: HelpState = "open"): HelpView => ({
  leg: "agent",
  agent: "u",
  state,
  requested_at: at,
  ...(state === "in_progress" && { taken_by: taker }),
});
const inChat = (at: number, state: HelpState = "open"): HelpRequestView => ({
  agent: ANA,
  reason: "Refund",
  state,
  raised_at: at,
  ...(state === "in_progress" && { taken_by: taker }),
});
const of = (calls: CallView[], ...chats: ReturnType<typeof aConversation>[]) => requestsOf(entriesOf(calls, chats));

describe("help requests", () => {
  it("are those of calls and conversations, open ones first, then by age", () => {
    const all = of(
      [aCall("a", { help: onCall(5) }), aCall("b", { help: onCall(1, "in_progress") }), aCall("c")],
      aConversation("d", { help: inChat(3) }),
    );
    expect(all.map(({ id }) => id)).toEqual(["d", "a", "b"]);
    expect(all[0]).toMatchObject({
      kind: "chat",
      agent: "Ana Duarte",
      customer: "Daniel Ortiz",
      channel: "web_chat",
      reason: "Refund",
    });
    expect(all[1]).toMatchObject({ kind: "call", agent: "Ana Duarte", customer: "Marek Novák", channel: "voice" });
  });

  it("are over when they are closed, or what they are about is", () => {
    expect(
      of(
        [aCall("a", { help: onCall(1, "closed") }), aCall("b", { help: onCall(1), state: "ended" })],
        aConversation("c", { help: inChat(1, "cancelled") }),
      ),
    ).toEqual([]);
  });

  it("on a call are told once, not by what is written beside it too", () => {
    expect(
      of([aCall("a", { help: onCall(1) })], aConversation("b", { call: "a", channel: "voice", help: inChat(1) })),
    ).toHaveLength(1);
  });

  it("arrive newest first, without what was put off; an interaction may ask again", () => {
    const all = of(
      [aCall("a", { help: onCall(1) }), aCall("b", { help: onCall(3, "in_progress") })],
      aConversation("c", { help: inChat(2) }),
    );
    expect(newestHelp(all, new Set()).open?.id).toBe("c");
    expect(newestHelp(all, new Set()).taken?.id).toBe("b");
    const later = new Set(all.map(({ key }) => key));
    expect(newestHelp(all, later).open).toBeUndefined();
    expect(newestHelp(of([], aConversation("c", { help: inChat(9) })), later).open?.id).toBe("c");
  });
});
