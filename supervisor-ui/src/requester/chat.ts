import type {
  AttachmentView,
  ConversationView,
  MarkView,
  MessageReceipt,
  MessageView,
  TextEnvelope,
  UserRef,
} from "../wire/generated";
import { type Notice, noticesOf } from "./notices";

/** So many messages are shown at first; earlier ones come when they are asked for. */
const WINDOW_MESSAGES = 50;
/** Somebody who types says so every few seconds; without news they have stopped. */
const TYPING_MAX_MS = 6000;

/** A message that the server has not acknowledged yet. */
export interface Outgoing {
  readonly clientId: string;
  readonly text: string;
  readonly attachments: readonly AttachmentView[];
  readonly at: number;
  /** Why the server refused it; null: it is on its way. */
  readonly refused: string | null;
}

/** The conversation as the customer was told of it, and what the customer has yet to send. */
export interface Chat {
  /** As the server last told it, without messages. */
  readonly view: ConversationView;
  /** In rising order of their numbers, each once. There may be holes until they are loaded. */
  readonly messages: readonly MessageView[];
  readonly outbox: readonly Outgoing[];
  /** What happened besides messages, in order. */
  readonly notices: readonly Notice[];
  readonly typing: readonly { readonly user: UserRef; readonly until: number }[];
  /** Messages before this number are not wanted yet. */
  readonly from: number;
  /** Up to this number they were looked at. */
  readonly seen: number;
}

export type ChatAction =
  /** What is known at the beginning: nothing of a new conversation, or what the tab has kept. */
  | { type: "told"; view: ConversationView; at: number }
  | { type: "page"; messages: readonly MessageView[] }
  | { type: "earlier" }
  | { type: "write"; outgoing: Outgoing }
  | { type: "acknowledged"; clientId: string; receipt: MessageReceipt }
  | { type: "refused"; clientId: string; why: string }
  | { type: "retry"; clientId: string }
  | { type: "discard"; clientId: string }
  | { type: "tick"; at: number }
  | { type: "seen" };

export function newChat(view: ConversationView, at: number): Chat {
  return {
    view,
    messages: [],
    outbox: [],
    notices: noticesOf(null, view, at),
    typing: [],
    from: Math.max(1, view.messages - WINDOW_MESSAGES + 1),
    seen: 0,
  };
}

/** The chat after one message of the event stream. Those of other conversations change nothing. */
export function heard(chat: Chat, event: TextEnvelope): Chat {
  switch (event.type) {
    case "text.snapshot": {
      const view = event.conversations.find(({ id }) => id === chat.view.id);
      return view ? told({ ...chat, typing: [] }, view, event.at) : chat;
    }
    case "message.posted":
      return event.conversation === chat.view.id ? posted(chat, [event.message]) : chat;
    case "message.typing":
      return event.conversation === chat.view.id ? types(chat, event.user, event.typing, event.at) : chat;
    case "message.marked":
      return event.conversation === chat.view.id
        ? { ...chat, view: { ...chat.view, marks: marked(chat.view.marks, event.mark) } }
        : chat;
    default:
      // Whatever else it is, a change brings the whole conversation.
      return "conversation" in event && typeof event.conversation === "object"
        ? told(chat, event.conversation, event.at)
        : chat;
  }
}

export function reduce(chat: Chat, action: ChatAction): Chat {
  switch (action.type) {
    case "told":
      return told(chat, action.view, action.at);
    case "page":
      return posted(chat, action.messages);
    case "earlier":
      return { ...chat, from: Math.max(1, chat.from - WINDOW_MESSAGES) };
    case "write":
      return { ...chat, outbox: [...chat.outbox, action.outgoing] };
    case "acknowledged":
      return acknowledged(chat, action.clientId, action.receipt);
    case "refused":
      return {
        ...chat,
        outbox: chat.outbox.map((it) => (it.clientId === action.clientId ? { ...it, refused: action.why } : it)),
      };
    case "retry": {
      // To the end: what was written after it has been sent by now.
      const [found, others] = [
        chat.outbox.find(({ clientId }) => clientId === action.clientId),
        chat.outbox.filter(({ clientId }) => clientId !== action.clientId),
      ];
      return found ? { ...chat, outbox: [...others, { ...found, refused: null }] } : chat;
    }
    case "discard":
      return { ...chat, outbox: chat.outbox.filter(({ clientId }) => clientId !== action.clientId) };
    case "tick":
      return chat.typing.some(({ until }) => until <= action.at)
        ? { ...chat, typing: chat.typing.filter(({ until }) => until > action.at) }
        : chat;
    case "seen":
      return chat.seen === last(chat) ? chat : { ...chat, seen: last(chat) };
  }
}

function told(chat: Chat, view: ConversationView, at: number): Chat {
  if (view.id !== chat.view.id) return chat;
  const known = new Set(chat.notices.map(({ key }) => key));
  const notices = noticesOf(chat.view, view, at).filter(({ key }) => !known.has(key));
  const present = new Set(view.members.map(({ user }) => user));
  return {
    ...chat,
    view,
    notices: notices.length > 0 ? [...chat.notices, ...notices] : chat.notices,
    typing: chat.typing.filter(({ user }) => present.has(user.user)),
  };
}

function posted(chat: Chat, messages: readonly MessageView[]): Chat {
  const fresh = messages.filter(({ number }) => !holds(chat, number));
  if (fresh.length === 0) return chat;
  const own = new Set(messages.map(({ client_id }) => client_id));
  const authors = new Set(fresh.map(({ author }) => author.user));
  return {
    ...chat,
    messages: [...chat.messages, ...fresh].toSorted((a, b) => a.number - b.number),
    outbox: chat.outbox.filter(({ clientId }) => !own.has(clientId)),
    typing: chat.typing.filter(({ user }) => !authors.has(user.user)),
  };
}

function acknowledged(chat: Chat, clientId: string, { number, public: place, at }: MessageReceipt): Chat {
  const sent = chat.outbox.find((it) => it.clientId === clientId);
  // The event was faster than the answer.
  if (!sent) return chat;
  const message: MessageView = {
    number,
    at,
    author: chat.view.requester,
    part: "requester",
    text: sent.text,
    attachments: [...sent.attachments],
    client_id: clientId,
    ...(place === undefined ? {} : { public: place }),
  };
  const outbox = chat.outbox.filter((it) => it !== sent);
  return posted({ ...chat, outbox }, [message]);
}

function types(chat: Chat, user: UserRef, typing: boolean, at: number): Chat {
  const others = chat.typing.filter((it) => it.user.user !== user.user);
  return { ...chat, typing: typing ? [...others, { user, until: at + TYPING_MAX_MS }] : others };
}

function marked(marks: readonly MarkView[], mark: MarkView): MarkView[] {
  return [...marks.filter(({ user, kind }) => user !== mark.user || kind !== mark.kind), mark];
}

function holds(chat: Chat, number: number): boolean {
  return chat.messages.some((message) => message.number === number);
}

/** The highest number that there is, as far as is known. */
function last(chat: Chat): number {
  return Math.max(chat.view.messages, chat.messages.at(-1)?.number ?? 0);
}

/** The highest number that is wanted and not here; null: nothing is missing. */
export function missing(chat: Chat): number | null {
  const here = new Set(chat.messages.map(({ number }) => number));
  for (let number = last(chat); number >= chat.from; number -= 1) {
    if (!here.has(number)) return number;
  }
  return null;
}

/** Messages of others that nobody has looked at. */
export function unread(chat: Chat): number {
  return chat.messages.filter(({ number, part }) => number > chat.seen && part !== "requester").length;
}

/** Up to which public place the customer's messages reached somebody. */
export function deliveredUpTo(chat: Chat): number {
  return Math.max(
    0,
    ...chat.view.marks.filter(({ user }) => user !== chat.view.requester.user).map(({ up_to }) => up_to),
  );
}

/** The people at the other end, in the order in which they joined. */
export function others(view: ConversationView): string[] {
  return view.members.filter(({ part }) => part !== "requester").map(({ name }) => name);
}
