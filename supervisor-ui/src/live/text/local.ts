import type { ChatMessageView, ConversationView, MessageView } from "../../wire/generated";
import { put, type TextState, without } from "./state";
import {
  emptyThread,
  failed,
  merged,
  type Numbered,
  type Outgoing,
  sending,
  type Thread,
  withoutOutgoing,
} from "./thread";

/** A conversation or a chat. */
export interface ThreadRef {
  readonly kind: "conversation" | "chat";
  readonly id: string;
}

/** What this page itself does to the state: nothing of it claims what the server has not said. */
export type TextAction =
  /** It is looked at: what is missing is to be fetched. */
  | { type: "wanted"; thread: ThreadRef }
  | { type: "page"; thread: { kind: "conversation"; id: string }; messages: readonly MessageView[] }
  | { type: "page"; thread: { kind: "chat"; id: string }; messages: readonly ChatMessageView[] }
  | { type: "sending"; thread: ThreadRef; message: Outgoing }
  | { type: "failed"; thread: ThreadRef; clientId: string; why: string }
  | { type: "discarded"; thread: ThreadRef; clientId: string }
  /** This user has looked at everything up to `number`. */
  | { type: "seen"; conversation: string; number: number }
  /** A conversation as the server answered it: whoever left it as a colleague may still oversee it. */
  | { type: "answered"; conversation: ConversationView }
  /** A closed conversation is put away. */
  | { type: "put_away"; conversation: string };

/** The state after something that this page did. Pure. */
export function act(state: TextState, action: TextAction): TextState {
  switch (action.type) {
    case "wanted":
      return inThread(state, action.thread, {
        any: (thread) => (thread.wanted ? thread : { ...thread, wanted: true }),
      });
    case "page":
      return page(state, action);
    case "sending":
      return inThread(state, action.thread, { any: (thread) => sending(thread, action.message) });
    case "failed":
      return inThread(state, action.thread, { any: (thread) => failed(thread, action.clientId, action.why) });
    case "discarded":
      return inThread(state, action.thread, { any: (thread) => withoutOutgoing(thread, action.clientId) });
    case "seen": {
      const before = state.seen.get(action.conversation);
      return before === undefined || action.number > before
        ? { ...state, seen: put(state.seen, action.conversation, action.number) }
        : state;
    }
    case "answered":
      return {
        ...state,
        conversations: put(state.conversations, action.conversation.id, action.conversation),
        closed: without(state.closed, action.conversation.id),
      };
    case "put_away":
      return {
        ...state,
        closed: without(state.closed, action.conversation),
        messages: state.conversations.has(action.conversation)
          ? state.messages
          : without(state.messages, action.conversation),
      };
  }
}

function page(state: TextState, { thread, messages }: Extract<TextAction, { type: "page" }>): TextState {
  // The union's two halves go together: a chat's page holds a chat's messages.
  if (thread.kind === "chat") {
    return {
      ...state,
      chatMessages: put(
        state.chatMessages,
        thread.id,
        merged(state.chatMessages.get(thread.id) ?? emptyThread(), messages as readonly ChatMessageView[]),
      ),
    };
  }
  return {
    ...state,
    messages: put(
      state.messages,
      thread.id,
      merged(state.messages.get(thread.id) ?? emptyThread(), messages as readonly MessageView[]),
    ),
  };
}

/** A change that any thread can take, whatever its messages. */
interface Change {
  any: <M extends Numbered>(thread: Thread<M>) => Thread<M>;
}

function inThread(state: TextState, { kind, id }: ThreadRef, change: Change): TextState {
  if (kind === "chat") {
    const chatMessages = changed(state.chatMessages, id, change);
    return chatMessages === state.chatMessages ? state : { ...state, chatMessages };
  }
  const messages = changed(state.messages, id, change);
  return messages === state.messages ? state : { ...state, messages };
}

/** What does not change stays the same object, so that nobody is told of it. */
function changed<M extends Numbered>(
  threads: ReadonlyMap<string, Thread<M>>,
  id: string,
  { any }: Change,
): ReadonlyMap<string, Thread<M>> {
  const before = threads.get(id);
  const after = any(before ?? emptyThread<M>());
  return after === before ? threads : put(threads, id, after);
}
