import type {
  ChatMessageView,
  ChatView,
  ConversationEnd,
  ConversationOffer,
  ConversationView,
  HandoverOutcome,
  HandoverView,
  HelpRequestView,
  MemberPart,
  MessageView,
  Mode,
  UserRef,
} from "../../wire/generated";
import type { Thread } from "./thread";

/** Something that happened in a conversation besides messages: a line in its timeline. */
export type Notice = { readonly at: number } & (
  | { readonly kind: "joined"; readonly user: UserRef; readonly part: MemberPart; readonly mode?: Mode }
  /** A supervisor's messages reach the customer from now on. */
  | { readonly kind: "barged"; readonly user: UserRef }
  /** A supervisor writes to the customer in the agents' stead from now on, or no longer does. */
  | { readonly kind: "taken_over" | "handed_back"; readonly user: UserRef }
  | { readonly kind: "left"; readonly user: UserRef; readonly part: MemberPart }
  | { readonly kind: "tagged"; readonly by: UserRef }
  | { readonly kind: "help"; readonly help: HelpRequestView }
  | { readonly kind: "transferring"; readonly to: string }
  | { readonly kind: "requested"; readonly handover: HandoverView }
  | { readonly kind: "settled"; readonly handover: HandoverView; readonly outcome: HandoverOutcome }
  /** This user handed it over: "Conversation is closed due to CHAT TRANSFERRED". */
  | { readonly kind: "transferred"; readonly to: string }
  | { readonly kind: "ended"; readonly reason: ConversationEnd | null }
);

/** Somebody who types, until then on the server's clock. */
export interface Typist {
  readonly user: UserRef;
  readonly until: number;
}

/** What this user may see of conversations and chats. */
export interface TextState {
  /** Those that go on. */
  readonly conversations: ReadonlyMap<string, ConversationView>;
  /** Those that are over, or that this user has left, until they are put away. */
  readonly closed: ReadonlyMap<string, ConversationView>;
  readonly messages: ReadonlyMap<string, Thread<MessageView>>;
  /** By conversation: up to which number this user has looked. */
  readonly seen: ReadonlyMap<string, number>;
  readonly typing: ReadonlyMap<string, readonly Typist[]>;
  readonly offers: readonly ConversationOffer[];
  /** What waits in this agent's pull queues, oldest first. */
  readonly waiting: readonly ConversationView[];
  readonly notices: ReadonlyMap<string, readonly Notice[]>;
  readonly chats: ReadonlyMap<string, ChatView>;
  readonly chatMessages: ReadonlyMap<string, Thread<ChatMessageView>>;
}

export const INITIAL_TEXT: TextState = {
  conversations: new Map(),
  closed: new Map(),
  messages: new Map(),
  seen: new Map(),
  typing: new Map(),
  offers: [],
  waiting: [],
  notices: new Map(),
  chats: new Map(),
  chatMessages: new Map(),
};

/** A copy of `map` with one more entry. */
export function put<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** A copy of `map` without `key`; the same map if it was not there. */
export function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** The entries that `keep` names. */
export function keepOnly<K, V>(map: ReadonlyMap<K, V>, keep: (key: K, value: V) => boolean): ReadonlyMap<K, V> {
  return new Map([...map].filter(([key, value]) => keep(key, value)));
}
