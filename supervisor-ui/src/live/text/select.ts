import type { ConversationView, MemberView, MessageView, UserRef } from "../../wire/generated";
import type { TextState } from "./state";

/** How far one's own public message got. */
export type Delivery = "sent" | "delivered" | "read";

/** The agents who answer the customer; of one that waits, none. */
export function agentsIn(view: ConversationView): MemberView[] {
  return view.members.filter(({ part }) => part === "agent");
}

/** A conversation, whether it goes on or is kept to be read. */
export function conversationOf(state: TextState, id: string): ConversationView | undefined {
  return state.conversations.get(id) ?? state.closed.get(id);
}

export function memberOf(view: ConversationView, user: string): MemberView | undefined {
  return view.members.find((member) => member.user === user);
}

/**
 * Conversations that this user takes part in, oldest first, with those that are over but not put
 * away. One beside a call is among them once something public was written in it: private text
 * stands with the call itself.
 */
export function ownConversations(state: TextState, me: string): ConversationView[] {
  const going = [...state.conversations.values()].filter((view) => {
    const part = memberOf(view, me)?.part;
    return part === "agent" || part === "colleague";
  });
  return [...going, ...state.closed.values()]
    .filter((view) => view.call === undefined || hasPublic(state, view.id))
    .toSorted((a, b) => since(a, me) - since(b, me));
}

function hasPublic(state: TextState, conversation: string): boolean {
  return state.messages.get(conversation)?.messages.some((message) => message.public !== undefined) ?? false;
}

function since(view: ConversationView, me: string): number {
  return memberOf(view, me)?.since ?? view.opened_at;
}

/** The conversation beside a call. */
export function besideCall(state: TextState, call: string): ConversationView | undefined {
  return [...state.conversations.values()].find((view) => view.call === call);
}

/** Messages that this user may read; the count of the whole, or what came since. */
function totalOf(state: TextState, view: ConversationView): number {
  return Math.max(view.messages, state.messages.get(view.id)?.messages.at(-1)?.number ?? 0);
}

/** Messages that this user has not looked at. */
export function unreadOf(state: TextState, view: ConversationView): number {
  return Math.max(0, totalOf(state, view) - (state.seen.get(view.id) ?? 0));
}

/** Who types in public at the moment `now`, on the server's clock. */
export function typingIn(state: TextState, conversation: string, now: number, me: string): UserRef[] {
  const typists = state.typing.get(conversation) ?? [];
  return typists.filter(({ user, until }) => until > now && user.user !== me).map(({ user }) => user);
}

/** How far a public message got at the customer; null: it is private, and nothing is said of those. */
export function deliveryOf(view: ConversationView, { public: place }: MessageView): Delivery | null {
  if (place === undefined) return null;
  const reached = view.marks.filter(({ user, up_to }) => user === view.requester.user && up_to >= place);
  if (reached.some(({ kind }) => kind === "read")) return "read";
  return reached.length > 0 ? "delivered" : "sent";
}

/** The newest message that is here, for a preview. */
export function lastMessage(state: TextState, conversation: string): MessageView | undefined {
  return state.messages.get(conversation)?.messages.at(-1);
}

/** Supervisors who write to the staff: "Mei writes to you privately". */
export function whisperers(view: ConversationView): MemberView[] {
  return view.members.filter(({ mode }) => mode === "whisper");
}
