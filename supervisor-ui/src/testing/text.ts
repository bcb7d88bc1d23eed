import type { ConversationView, HandoverView, MemberView, MessageView, TextEnvelope, UserRef } from "../wire/generated";

/** Small conversations for tests; anything can be set. */
export const ANA: UserRef = { user: "ana", name: "Ana Duarte" };
export const DANIEL: UserRef = { user: "daniel", name: "Daniel Ortiz" };
export const MEI: UserRef = { user: "mei", name: "Mei Tanabe" };

export function aMember(who: UserRef, part: MemberView["part"], more: Partial<MemberView> = {}): MemberView {
  return { ...who, part, since: 100, ...more };
}

export function aConversation(id: string, more: Partial<ConversationView> = {}): ConversationView {
  return {
    id,
    state: "active",
    channel: "web_chat",
    queue: "support",
    requester: DANIEL,
    messages: 0,
    marks: [],
    opened_at: 50,
    members: [aMember(DANIEL, "requester", { since: 50 }), aMember(ANA, "agent")],
    may: { write_public: true, write_private: true, transcript: false },
    ...more,
  };
}

/** A public message, its public place the same as its number. */
export function aMessage(number: number, more: Partial<MessageView> = {}): MessageView {
  return {
    number,
    public: number,
    author: DANIEL,
    part: "requester",
    at: 1000 + number,
    text: `message ${number}`,
    attachments: [],
    ...more,
  };
}

export function aPrivate(number: number, more: Partial<MessageView> = {}): MessageView {
  const { public: _place, ...rest } = aMessage(number, { author: MEI, part: "supervisor", ...more });
  return rest;
}

export function aHandover(kind: HandoverView["kind"], more: Partial<HandoverView> = {}): HandoverView {
  return { id: "h1", kind, from: ANA, to: { queue: "sales" }, to_name: "Sales", requested_at: 500, ...more };
}

export function aTextSnapshot(conversations: ConversationView[], more: object = {}): TextEnvelope {
  return { type: "text.snapshot", seq: 1, at: 200, conversations, offers: [], waiting: [], chats: [], ...more };
}
