import type {
  ChatMessageView,
  ChatView,
  ConversationOffer,
  ConversationView,
  MemberPart,
  MessageView,
  TextEnvelope,
  TextSnapshot,
  UserRef,
} from "../../wire/generated";
import { keepOnly, type Notice, put, type TextState, without } from "./state";
import { differences, joinedAt, linesOf, noticed } from "./notices";
import { emptyThread, merged } from "./thread";

/** Who has typed and says no more is forgotten after that. */
const TYPING_MS = 6000;
/** Conversations kept after their end, at most. */
const CLOSED_MAX = 20;

/**
 * The state after one message about conversations or chats; `me` is who reads. Pure. A change
 * carries the whole conversation: it is replaced, never patched.
 */
export function reduceText(state: TextState, envelope: TextEnvelope, me: string): TextState {
  const { at } = envelope;
  switch (envelope.type) {
    case "text.snapshot":
      return fromSnapshot(state, envelope, me);
    case "conversation.offered":
      return {
        ...state,
        offers: [...withoutOffer(state.offers, envelope.conversation.id, envelope.handover?.id), envelope],
      };
    case "conversation.offer_ended":
      return { ...state, offers: withoutOffer(state.offers, envelope.conversation, envelope.handover) };
    case "conversation.list_changed":
      return {
        ...state,
        waiting: [...state.waiting.filter(({ queue }) => queue !== envelope.queue), ...envelope.waiting].toSorted(
          (a, b) => a.opened_at - b.opened_at,
        ),
      };
    case "conversation.updated":
      return withConversation(state, envelope.conversation, at);
    case "conversation.joined":
      return noticed(
        withConversation(state, envelope.conversation, at),
        envelope.conversation.id,
        joinedAt(envelope.member),
      );
    case "conversation.left":
      return left(state, envelope.conversation, envelope.member, at, me);
    case "conversation.tagged":
      return noticed(withConversation(state, envelope.conversation, at), envelope.conversation.id, {
        kind: "tagged",
        at,
        by: envelope.by,
      });
    case "message.posted":
      return posted(state, envelope);
    case "message.typing":
      return { ...state, typing: put(state.typing, envelope.conversation, typists(state, envelope, at)) };
    case "message.marked":
      return marked(state, envelope);
    case "message.not_delivered":
      return notDelivered(state, envelope);
    case "conversation.help_changed":
      return helpChanged(state, envelope.conversation, at);
    case "conversation.transferring":
      return noticed(withConversation(state, envelope.conversation, at), envelope.conversation.id, {
        kind: "transferring",
        at,
        to: envelope.to,
      });
    case "conversation.handover_requested":
      return requested(state, envelope, me);
    case "conversation.handover_ended":
      return settled(state, envelope);
    case "conversation.ended": {
      const { conversation } = envelope;
      return closed(
        noticed(state, conversation.id, { kind: "ended", at, reason: conversation.end_reason ?? null }),
        conversation,
        me,
      );
    }
    case "chat.updated":
      return withChat(state, envelope.chat);
    case "chat.message": {
      const thread = merged(state.chatMessages.get(envelope.chat.id) ?? emptyThread<ChatMessageView>(), [
        envelope.message,
      ]);
      return { ...withChat(state, envelope.chat), chatMessages: put(state.chatMessages, envelope.chat.id, thread) };
    }
  }
}

function fromSnapshot(state: TextState, snapshot: TextSnapshot, me: string): TextState {
  const conversations = new Map(snapshot.conversations.map((view) => [view.id, view]));
  // What ended while nothing was heard is over; the messages stay to be read.
  const gone = [...state.conversations.values()].filter(({ id }) => !conversations.has(id));
  const before = gone.reduce((sofar, view) => closed(sofar, { ...view, state: "ended" }, me), state);
  const known = (id: string) => conversations.has(id) || before.closed.has(id);
  const chats = new Map(snapshot.chats.map((chat) => [chat.id, chat]));
  return {
    conversations,
    closed: keepOnly(before.closed, (id) => !conversations.has(id)),
    messages: keepOnly(before.messages, known),
    seen: seenAtFirst(before, snapshot.conversations),
    typing: new Map(),
    offers: snapshot.offers,
    waiting: snapshot.waiting,
    notices: new Map([
      ...snapshot.conversations.map((view) => [view.id, linesOf(view)] as const),
      ...keepOnly(before.notices, known),
    ]),
    chats,
    chatMessages: keepOnly(before.chatMessages, (id) => chats.has(id)),
  };
}

/** What was there before this page came is not news. */
function seenAtFirst(state: TextState, views: readonly ConversationView[]): ReadonlyMap<string, number> {
  return new Map(views.map(({ id, messages }) => [id, state.seen.get(id) ?? messages]));
}

function withConversation(state: TextState, view: ConversationView, at: number): TextState {
  const before = state.conversations.get(view.id);
  const lines = differences(before, view, at);
  const notices = state.notices.has(view.id) ? state.notices : put(state.notices, view.id, linesOf(view));
  // A conversation that comes while this page is there has not been looked at, whatever it holds.
  const seen = state.seen.has(view.id) ? state.seen : put(state.seen, view.id, 0);
  const fresh = {
    ...state,
    notices,
    seen,
    conversations: put(state.conversations, view.id, view),
    closed: without(state.closed, view.id),
  };
  return lines.reduce((sofar, notice) => noticed(sofar, view.id, notice), fresh);
}

function left(state: TextState, view: ConversationView, member: UserRef, at: number, me: string): TextState {
  const part = partOf(state, view, member.user);
  const after = noticed(withConversation(state, view, at), view.id, { kind: "left", at, user: member, part });
  // An agent or a colleague who has left may read it no more. A supervisor sees the team's anyway.
  const own = member.user === me && (part === "agent" || part === "colleague");
  return own ? closed(after, view, me, true) : after;
}

function partOf(state: TextState, view: ConversationView, user: string): MemberPart {
  const before = state.conversations.get(view.id)?.members ?? view.members;
  return before.find((member) => member.user === user)?.part ?? "agent";
}

/** Takes a conversation off the list; whoever was in it, or looked at it, may still read on. */
function closed(state: TextState, view: ConversationView, me: string, was = false): TextState {
  const keeps = was || state.messages.get(view.id)?.wanted || view.members.some(({ user }) => user === me);
  const kept = [...without(state.closed, view.id), ...(keeps ? ([[view.id, view]] as const) : [])].slice(-CLOSED_MAX);
  const over = new Map(kept);
  const conversations = without(state.conversations, view.id);
  const known = (id: string) => conversations.has(id) || over.has(id);
  return {
    ...state,
    conversations,
    closed: over,
    messages: keepOnly(state.messages, known),
    notices: keepOnly(state.notices, known),
    seen: keepOnly(state.seen, known),
    typing: without(state.typing, view.id),
    offers: state.offers.filter((offer) => offer.conversation.id !== view.id),
    waiting: state.waiting.filter(({ id }) => id !== view.id),
  };
}

function posted(
  state: TextState,
  { conversation, message }: Extract<TextEnvelope, { type: "message.posted" }>,
): TextState {
  const thread = merged(state.messages.get(conversation) ?? emptyThread<MessageView>(), [message]);
  const typing = (state.typing.get(conversation) ?? []).filter(({ user }) => user.user !== message.author.user);
  return {
    ...state,
    messages: put(state.messages, conversation, thread),
    typing: message.public === undefined ? state.typing : put(state.typing, conversation, typing),
  };
}

function typists(
  state: TextState,
  { conversation, user, typing }: Extract<TextEnvelope, { type: "message.typing" }>,
  at: number,
) {
  const others = (state.typing.get(conversation) ?? []).filter((typist) => typist.user.user !== user.user);
  return typing ? [...others, { user, until: at + TYPING_MS }] : others;
}

function marked(
  state: TextState,
  { conversation, mark }: Extract<TextEnvelope, { type: "message.marked" }>,
): TextState {
  const view = state.conversations.get(conversation);
  if (!view) return state;
  const others = view.marks.filter(({ user, kind }) => user !== mark.user || kind !== mark.kind);
  return { ...state, conversations: put(state.conversations, conversation, { ...view, marks: [...others, mark] }) };
}

/** A message that the page has not fetched yet comes with its failure. */
function notDelivered(
  state: TextState,
  { conversation, public: place, failure }: Extract<TextEnvelope, { type: "message.not_delivered" }>,
): TextState {
  const thread = state.messages.get(conversation);
  if (!thread) return state;
  const messages = thread.messages.map((it) => (it.public === place ? { ...it, delivery_failure: failure } : it));
  return { ...state, messages: put(state.messages, conversation, { ...thread, messages }) };
}

function helpChanged(state: TextState, view: ConversationView, at: number): TextState {
  const before = state.conversations.get(view.id)?.help;
  const help = view.help ?? (before && { ...before, state: "closed" as const });
  const after = withConversation(state, view, at);
  return help ? noticed(after, view.id, { kind: "help", at, help }) : after;
}

function requested(
  state: TextState,
  envelope: Extract<TextEnvelope, { type: "conversation.handover_requested" }>,
  me: string,
): TextState {
  const { at, conversation, handover } = envelope;
  const own = handover.kind === "transfer" && handover.from.user === me;
  const notice: Notice = own ? { kind: "transferred", at, to: handover.to_name } : { kind: "requested", at, handover };
  return noticed(withConversation(state, conversation, at), conversation.id, notice);
}

/** Tells of the request alone: the sender may not see the conversation any more. */
function settled(
  state: TextState,
  { at, conversation, handover, outcome }: Extract<TextEnvelope, { type: "conversation.handover_ended" }>,
): TextState {
  const after = noticed(state, conversation, { kind: "settled", at, handover, outcome });
  const view = after.conversations.get(conversation);
  if (!view?.handovers) return after;
  const handovers = view.handovers.filter(({ id }) => id !== handover.id);
  return { ...after, conversations: put(after.conversations, conversation, { ...view, handovers }) };
}

function withChat(state: TextState, chat: ChatView): TextState {
  return { ...state, chats: put(state.chats, chat.id, chat) };
}

function withoutOffer(
  offers: readonly ConversationOffer[],
  conversation: string,
  handover: string | undefined,
): ConversationOffer[] {
  return offers.filter((offer) => offer.conversation.id !== conversation || offer.handover?.id !== handover);
}
