import { describe, expect, it } from "vitest";
import type { ConversationView, MemberView, MessageView, TextEnvelope } from "../wire/generated";
import { type Chat, deliveredUpTo, heard, missing, newChat, others, reduce, unread } from "./chat";
import { keep, kept, resumed } from "./kept";
import { timeline } from "./timeline";

const DANIEL = { user: "d", name: "Daniel Ortiz" };
const member = (user: string, name: string, part: MemberView["part"], since = 10): MemberView => ({
  user,
  name,
  part,
  since,
});
const ANA = member("a", "Ana Duarte", "agent");
const OMAR = member("o", "Omar Haddad", "agent", 50);
const OWN = member("d", DANIEL.name, "requester", 0);

const view = (more: Partial<ConversationView> = {}): ConversationView => ({
  id: "k",
  state: "active",
  channel: "web_chat",
  requester: DANIEL,
  members: [OWN, ANA],
  messages: 0,
  marks: [],
  opened_at: 0,
  may: { write_public: true, write_private: false, transcript: true },
  ...more,
});
const message = (number: number, more: Partial<MessageView> = {}): MessageView => ({
  number,
  public: number,
  author: { user: "a", name: "Ana Duarte" },
  part: "agent",
  at: 100 + number,
  text: `text ${number}`,
  attachments: [],
  ...more,
});
const event = (it: object, at = 100): TextEnvelope => ({ seq: 1, at, ...it }) as TextEnvelope;
const posts = (it: MessageView, conversation = "k") => event({ type: "message.posted", conversation, message: it });
const updates = (conversation: ConversationView, at = 100) => event({ type: "conversation.updated", conversation }, at);
const play = (chat: Chat, ...events: TextEnvelope[]) => events.reduce(heard, chat);
const said = (chat: Chat) =>
  chat.notices.map((it) => ("name" in it ? `${it.kind} ${it.name}` : "to" in it ? `${it.kind} ${it.to}` : it.kind));

describe("the customer's messages", () => {
  const written = reduce(newChat(view(), 0), {
    type: "write",
    outgoing: { clientId: "x", text: "hi", attachments: [], at: 1, refused: null },
  });
  const own = message(1, { part: "requester", author: DANIEL, client_id: "x", text: "hi" });

  it("are there once, whether the answer comes first or the event", () => {
    const answered = reduce(written, {
      type: "acknowledged",
      clientId: "x",
      receipt: { number: 1, public: 1, at: 101 },
    });
    expect(answered.outbox).toEqual([]);
    expect(answered.messages).toEqual([own]);
    expect(play(answered, posts(own)).messages).toEqual([own]);
    const told = play(written, posts(own));
    expect([told.outbox, told.messages]).toEqual([[], [own]]);
    expect(reduce(told, { type: "acknowledged", clientId: "x", receipt: { number: 1, public: 1, at: 101 } })).toBe(
      told,
    );
  });

  it("keep their place on the page when they are acknowledged", () => {
    const answered = reduce(written, {
      type: "acknowledged",
      clientId: "x",
      receipt: { number: 1, public: 1, at: 101 },
    });
    expect(timeline(written).at(-1)?.key).toBe(timeline(answered).at(-1)?.key);
  });

  it("can be tried again after a refusal, or thrown away", () => {
    const refused = reduce(written, { type: "refused", clientId: "x", why: "Too long." });
    expect(refused.outbox[0]?.refused).toBe("Too long.");
    expect(reduce(refused, { type: "retry", clientId: "x" }).outbox[0]).toMatchObject({ clientId: "x", refused: null });
    expect(reduce(refused, { type: "discard", clientId: "x" }).outbox).toEqual([]);
  });

  it("are delivered once somebody else has got them", () => {
    const mark = (user: string, up_to: number) =>
      event({ type: "message.marked", conversation: "k", mark: { user, kind: "delivered", up_to } });
    expect(deliveredUpTo(play(written, mark("d", 9)))).toBe(0);
    expect(deliveredUpTo(play(written, mark("a", 2), mark("a", 3), mark("d", 9)))).toBe(3);
  });
});

describe("messages of others", () => {
  it("come in any order, each once, and a hole is known", () => {
    const chat = play(newChat(view(), 0), posts(message(1)), posts(message(4)), posts(message(1)));
    expect(chat.messages.map(({ number }) => number)).toEqual([1, 4]);
    expect(missing(chat)).toBe(3);
    const filled = reduce(chat, { type: "page", messages: [message(2), message(3)] });
    expect(missing(filled)).toBeNull();
    expect(filled.messages.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it("of a long conversation come as they are asked for", () => {
    const chat = newChat(view({ messages: 120 }), 0);
    expect([chat.from, missing(chat)]).toEqual([71, 120]);
    expect(reduce(chat, { type: "earlier" }).from).toBe(21);
    expect(reduce(reduce(chat, { type: "earlier" }), { type: "earlier" }).from).toBe(1);
  });

  it("count as new until somebody looks", () => {
    const chat = play(newChat(view(), 0), posts(message(1)), posts(message(2, { part: "requester", author: DANIEL })));
    expect(unread(chat)).toBe(1);
    expect(unread(reduce(chat, { type: "seen" }))).toBe(0);
  });

  it("of another conversation are none of ours", () => {
    const chat = newChat(view(), 0);
    expect(play(chat, posts(message(1), "other"), updates(view({ id: "other", members: [] })))).toBe(chat);
  });

  it("end the sign that their author types; silence ends it, too", () => {
    const types = event({
      type: "message.typing",
      conversation: "k",
      user: { user: "a", name: "Ana Duarte" },
      typing: true,
    });
    const typing = play(newChat(view(), 0), types);
    expect(typing.typing).toHaveLength(1);
    expect(play(typing, posts(message(1))).typing).toEqual([]);
    expect(reduce(typing, { type: "tick", at: 5000 }).typing).toHaveLength(1);
    expect(reduce(typing, { type: "tick", at: 6100 }).typing).toEqual([]);
    expect(play(typing, updates(view({ members: [OWN] }))).typing).toEqual([]);
  });
});

describe("what happens besides", () => {
  it("is told in the customer's order: transferred, gone, taken", () => {
    const chat = play(
      newChat(view({ state: "waiting", members: [OWN] }), 0),
      updates(view()),
      updates(view({ state: "parked", transferring_to: "Sales", members: [OWN, ANA] }), 40),
      updates(view({ state: "parked", transferring_to: "Sales", members: [OWN] }), 40),
      updates(view({ members: [OWN, OMAR] }), 50),
      updates(view({ state: "ended", members: [OWN], end_reason: "agent" }), 90),
    );
    expect(said(chat)).toEqual([
      "joined Ana Duarte",
      "transferring Sales",
      "left Ana Duarte",
      "joined Omar Haddad",
      "ended",
    ]);
    expect(others(chat.view)).toEqual([]);
  });

  it("says so when nobody took it", () => {
    const parked = view({ state: "parked", transferring_to: "Sales", members: [OWN] });
    const ended = play(newChat(parked, 0), updates(view({ state: "ended", members: [OWN], end_reason: "no_agents" })));
    expect(said(ended)).toEqual(["transferring Sales", "nobody", "ended"]);
    const stays = play(newChat(view(), 0), updates(view({ transferring_to: "Sales" }), 20), updates(view(), 30));
    expect(said(stays)).toEqual(["joined Ana Duarte", "transferring Sales", "nobody"]);
  });

  it("is told once, however often it is heard", () => {
    const sam = member("s", "Sam Okafor", "agent", 60);
    const joined = view({ members: [OWN, ANA, sam] });
    const chat = play(
      newChat(view(), 0),
      updates(joined),
      updates(joined),
      event({ type: "text.snapshot", conversations: [joined], offers: [], waiting: [], chats: [] }),
    );
    expect(said(chat)).toEqual(["joined Ana Duarte", "joined Sam Okafor"]);
    const again = play(chat, updates(view()), updates(view({ members: [OWN, ANA, { ...sam, since: 99 }] })));
    expect(said(again).slice(2)).toEqual(["left Sam Okafor", "joined Sam Okafor"]);
  });

  it("stands between the messages, by time", () => {
    const chat = play(
      newChat(view(), 0),
      posts(message(1, { at: 20 })),
      updates(view({ members: [OWN, ANA, OMAR] }), 50),
      posts(message(2, { at: 70 })),
    );
    expect(timeline(chat).map((item) => (item.kind === "notice" ? item.notice.kind : item.kind))).toEqual([
      "joined",
      "message",
      "joined",
      "message",
    ]);
  });
});

describe("what the tab keeps", () => {
  it("is enough to go on after a reload, and nothing is said twice", () => {
    const before = reduce(play(newChat(view(), 0), posts(message(1))), {
      type: "write",
      outgoing: { clientId: "x", text: "hi", attachments: [], at: 1, refused: null },
    });
    keep("token", before);
    const stored = kept();
    if (!stored) throw new Error("nothing was kept");
    expect(stored.token).toBe("token");
    const after = resumed(stored, view({ messages: 1, members: [OWN, OMAR] }), 80);
    expect(after.outbox).toEqual(before.outbox);
    expect(said(after)).toEqual(["joined Ana Duarte", "left Ana Duarte", "joined Omar Haddad"]);
    expect(missing(after)).toBe(1);
  });

  it("is left alone when it is not ours", () => {
    for (const bad of ["", "{", "null", "{}", '{"token":1,"view":{}}']) {
      sessionStorage.setItem("sotto.chat", bad);
      expect(kept()).toBeNull();
    }
  });
});
