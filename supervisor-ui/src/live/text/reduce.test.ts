import { describe, expect, it } from "vitest";
import {
  ANA,
  aConversation,
  aHandover,
  aMember,
  aMessage,
  aPrivate,
  aTextSnapshot,
  DANIEL,
  MEI,
} from "../../testing/text";
import { aSnapshot } from "../../testing/wire";
import type { ConversationView, TextEnvelope, TextEvent } from "../../wire/generated";
import { reduce } from "../reduce";
import { INITIAL_STATE } from "../state";
import { act } from "./local";
import { reduceText } from "./reduce";
import { deliveryOf, ownConversations, typingIn, unreadOf } from "./select";
import { INITIAL_TEXT, type TextState } from "./state";

const ME = ANA.user;

function after(state: TextState, ...events: TextEvent[]): TextState {
  return events.reduce(
    (sofar, event, index) => reduceText(sofar, { seq: index + 2, at: 1000 + index, ...event } as TextEnvelope, ME),
    state,
  );
}

const start = (...views: ConversationView[]) => reduceText(INITIAL_TEXT, aTextSnapshot(views), ME);
const kinds = (state: TextState, id = "a") => state.notices.get(id)?.map(({ kind }) => kind);

describe("conversations", () => {
  it("come on the same stream as calls, and are counted with them", () => {
    const first = reduce(INITIAL_STATE, aSnapshot([]));
    if (first.kind === "gap") throw new Error("gap");
    const second = reduce(first.state, aTextSnapshot([aConversation("a")]));
    expect(second.kind === "ok" && [...second.state.text.conversations.keys()]).toEqual(["a"]);
    expect(reduce(first.state, { ...aTextSnapshot([]), seq: 2 }).kind).toBe("gap");
  });

  it("are replaced as a whole", () => {
    const state = after(start(aConversation("a", { subject: "Refund" })), {
      type: "conversation.updated",
      conversation: aConversation("a"),
    });
    expect(state.conversations.get("a")?.subject).toBeUndefined();
  });

  it("that an agent leaves stay to be read, with the reason, until they are put away", () => {
    const handed = aConversation("a", { state: "parked", members: [aMember(DANIEL, "requester")] });
    const state = after(
      start(aConversation("a")),
      { type: "conversation.handover_requested", conversation: aConversation("a"), handover: aHandover("transfer") },
      { type: "conversation.left", conversation: handed, member: ANA },
    );
    expect(state.conversations.has("a")).toBe(false);
    expect(ownConversations(state, ME).map(({ id }) => id)).toEqual(["a"]);
    expect(kinds(state)).toContain("transferred");
    expect(act(state, { type: "put_away", conversation: "a" }).closed.size).toBe(0);
  });

  it("that a colleague left and still oversees go on being listed", () => {
    const colleague = aConversation("a", {
      members: [aMember(DANIEL, "requester"), aMember(MEI, "agent"), aMember(ANA, "colleague")],
    });
    const without = { ...colleague, members: colleague.members.slice(0, 2) };
    const gone = after(start(colleague), { type: "conversation.left", conversation: without, member: ANA });
    expect(gone.conversations.size).toBe(0);
    const seen = act(gone, { type: "answered", conversation: { ...without, messages: 0 } });
    expect([seen.conversations.get("a")?.messages, seen.closed.size]).toEqual([0, 0]);
  });

  it("of others go from the list when they end", () => {
    const other = aConversation("b", { members: [aMember(DANIEL, "requester"), aMember(MEI, "agent")] });
    const state = after(start(other), { type: "conversation.ended", conversation: { ...other, state: "ended" } });
    expect(state.conversations.size + state.closed.size + state.notices.size).toBe(0);
  });

  it("that ended while nothing was heard are over after the next snapshot", () => {
    const state = reduceText(start(aConversation("a")), aTextSnapshot([]), ME);
    expect(state.closed.get("a")?.state).toBe("ended");
  });

  it("tell of a help request once, and of its end", () => {
    const help = { agent: ANA, reason: "Refund", state: "open" as const, raised_at: 900 };
    const asked = aConversation("a", { help });
    const state = after(
      start(aConversation("a")),
      { type: "conversation.help_changed", conversation: asked },
      { type: "conversation.help_changed", conversation: aConversation("a") },
    );
    expect(state.notices.get("a")?.flatMap((notice) => (notice.kind === "help" ? [notice.help.state] : []))).toEqual([
      "open",
      "closed",
    ]);
  });

  it("no longer wait for somebody once the request is settled", () => {
    const handover = aHandover("conference");
    const asked = after(start(aConversation("a")), {
      type: "conversation.handover_requested",
      conversation: aConversation("a", { handovers: [handover] }),
      handover,
    });
    expect(asked.conversations.get("a")?.handovers).toHaveLength(1);
    const over = after(asked, {
      type: "conversation.handover_ended",
      conversation: "a",
      handover,
      outcome: "no_agents",
    });
    expect(over.conversations.get("a")?.handovers).toEqual([]);
    expect(kinds(over)).toContain("settled");
  });

  it("tell that a supervisor joins when whispers become public", () => {
    const coach = (mode: "whisper" | "barge" | "take_over") =>
      aConversation("a", { members: [...aConversation("a").members, aMember(MEI, "supervisor", { mode })] });
    const state = after(start(coach("whisper")), { type: "conversation.updated", conversation: coach("barge") });
    expect(kinds(state)).toContain("barged");
    const taken = after(state, { type: "conversation.updated", conversation: coach("take_over") });
    expect(kinds(taken)).toContain("taken_over");
    const back = after(taken, { type: "conversation.updated", conversation: coach("barge") });
    expect(kinds(back)).toContain("handed_back");
    expect(kinds(back)?.filter((kind) => kind === "barged")).toHaveLength(1);
  });
});

describe("messages", () => {
  it("are counted as unread until they are looked at", () => {
    const view = aConversation("a", { messages: 3 });
    const state = after(
      start(view),
      { type: "message.posted", conversation: "a", message: aMessage(4) },
      { type: "message.posted", conversation: "a", message: aPrivate(5) },
    );
    expect(unreadOf(state, view)).toBe(2);
    expect(unreadOf(act(state, { type: "seen", conversation: "a", number: 5 }), view)).toBe(0);
    expect(unreadOf(act(state, { type: "seen", conversation: "a", number: 1 }), view)).toBe(2);
  });

  it("that are public are sent, delivered, read; of private ones nothing is said", () => {
    const view = aConversation("a", {
      marks: [
        { user: DANIEL.user, kind: "delivered", up_to: 2 },
        { user: ANA.user, kind: "read", up_to: 9 },
      ],
    });
    expect([1, 2, 3].map((place) => deliveryOf(view, aMessage(place)))).toEqual(["delivered", "delivered", "sent"]);
    const state = after(start(view), {
      type: "message.marked",
      conversation: "a",
      mark: { user: DANIEL.user, kind: "read", up_to: 2 },
    });
    expect(deliveryOf(state.conversations.get("a") ?? view, aMessage(2))).toBe("read");
    expect(deliveryOf(view, aPrivate(4))).toBeNull();
  });

  it("that never reach the customer say why", () => {
    const view = aConversation("a");
    const written = { type: "message.posted" as const, conversation: "a", message: aMessage(2) };
    const failure = { cause: "refused" as const, detail: "403 Forbidden" };
    const state = after(
      start(view),
      written,
      { type: "message.not_delivered", conversation: "a", public: 1, failure: { cause: "expired" } },
      { type: "message.not_delivered", conversation: "a", public: 2, failure },
      { type: "message.not_delivered", conversation: "b", public: 2, failure },
    );
    expect(state.messages.get("a")?.messages.at(-1)?.delivery_failure).toEqual(failure);
    expect(state.messages.has("b")).toBe(false);
  });
});

describe("typing", () => {
  it("is forgotten after six seconds, and with the message", () => {
    const typing = after(start(aConversation("a")), {
      type: "message.typing",
      conversation: "a",
      user: DANIEL,
      typing: true,
    });
    expect(typingIn(typing, "a", 6999, ME)).toEqual([DANIEL]);
    expect(typingIn(typing, "a", 7000, ME)).toEqual([]);
    expect(
      typingIn(after(typing, { type: "message.posted", conversation: "a", message: aMessage(1) }), "a", 1500, ME),
    ).toEqual([]);
    expect(
      typingIn(
        after(typing, { type: "message.typing", conversation: "a", user: DANIEL, typing: false }),
        "a",
        1500,
        ME,
      ),
    ).toEqual([]);
  });
});

describe("offers and lists", () => {
  it("are told by conversation and request", () => {
    const offer = { type: "conversation.offered" as const, conversation: aConversation("a"), expires_at: 9000 };
    const asked = { ...offer, handover: aHandover("conference") };
    const state = after(start(), offer, asked, asked);
    expect(state.offers).toHaveLength(2);
    const rest = after(state, { type: "conversation.offer_ended", conversation: "a", handover: "h1", taken_by: MEI });
    expect(rest.offers.map(({ handover }) => handover)).toEqual([undefined]);
  });

  it("replaces the list of one pull queue", () => {
    const inQueue = (id: string, queue: string, opened_at: number) => aConversation(id, { queue, opened_at });
    const state = reduceText(
      INITIAL_TEXT,
      aTextSnapshot([], { waiting: [inQueue("a", "mail", 1), inQueue("b", "social", 2)] }),
      ME,
    );
    const next = after(state, { type: "conversation.list_changed", queue: "mail", waiting: [inQueue("c", "mail", 5)] });
    expect(next.waiting.map(({ id }) => id)).toEqual(["b", "c"]);
  });
});

describe("a snapshot", () => {
  it("keeps what was read and what is being sent, and forgets who typed", () => {
    const ref = { kind: "conversation" as const, id: "a" };
    const message = { clientId: "c", text: "hi", visibility: "public" as const, attachments: [], at: 1, failed: "" };
    let state = after(
      start(aConversation("a")),
      { type: "message.posted", conversation: "a", message: aMessage(1) },
      { type: "message.typing", conversation: "a", user: DANIEL, typing: true },
    );
    state = act(act(state, { type: "seen", conversation: "a", number: 1 }), { type: "sending", thread: ref, message });
    const again = reduceText(state, aTextSnapshot([aConversation("a", { messages: 3 })]), ME);
    expect(unreadOf(again, aConversation("a", { messages: 3 }))).toBe(2);
    expect(again.messages.get("a")?.outgoing).toEqual([message]);
    expect(again.typing.size).toBe(0);
  });

  it("of a thousand conversations is taken in a moment", () => {
    const views = Array.from({ length: 1000 }, (_, index) => aConversation(`c${index}`, { messages: 50 }));
    const began = performance.now();
    expect(start(...views).conversations.size).toBe(1000);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
