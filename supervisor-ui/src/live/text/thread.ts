import type { AttachmentView, Visibility } from "../../wire/generated";

/** What every kind of message has. */
export interface Numbered {
  /** From 1 and without gaps: a gap is a message that was lost on the way. */
  readonly number: number;
  readonly client_id?: string;
}

/** A message that is on its way to the server. */
export interface Outgoing {
  readonly clientId: string;
  readonly text: string;
  readonly visibility: Visibility;
  readonly attachments: readonly AttachmentView[];
  /** The server's clock when it was sent, Unix ms. */
  readonly at: number;
  /** Why it was not kept, in the server's words; "": no answer came; null: it is being sent. */
  readonly failed: string | null;
}

/** The messages of one conversation or chat, as far as this page has them. */
export interface Thread<M extends Numbered> {
  /** Rising by number; where a number is missing, so is the message. */
  readonly messages: readonly M[];
  readonly outgoing: readonly Outgoing[];
  /** It is looked at, or was: all that comes is kept, and what is missing is fetched. */
  readonly wanted: boolean;
}

/** What to fetch: the newest page, or the one before a number. */
export type Missing = { before: number | null };

const EMPTY: Thread<never> = { messages: [], outgoing: [], wanted: false };

export function emptyThread<M extends Numbered>(): Thread<M> {
  return EMPTY;
}

/** The thread with more messages; what it waited for has come. */
export function merged<M extends Numbered>(thread: Thread<M>, fresh: readonly M[]): Thread<M> {
  if (fresh.length === 0) return thread;
  const arrived = new Set(fresh.map((message) => message.client_id));
  const outgoing = thread.outgoing.filter(({ clientId }) => !arrived.has(clientId));
  return {
    ...thread,
    outgoing,
    messages: thread.wanted ? joined(thread.messages, fresh) : newest(thread.messages, fresh),
  };
}

/** What is missing at the end or in the middle, `total` being what there is; null: nothing. */
export function missing<M extends Numbered>({ messages }: Thread<M>, total: number): Missing | null {
  const last = messages.at(-1)?.number ?? 0;
  if (last < total) return { before: null };
  for (let at = messages.length - 1; at > 0; at -= 1) {
    const [before, after] = [messages[at - 1], messages[at]];
    if (before && after && after.number !== before.number + 1) return { before: after.number };
  }
  return null;
}

/** The page before the oldest one that is here; null: there is none. */
export function older<M extends Numbered>({ messages }: Thread<M>): Missing | null {
  const first = messages[0];
  return first && first.number > 1 ? { before: first.number } : null;
}

export function sending<M extends Numbered>(thread: Thread<M>, message: Outgoing): Thread<M> {
  const others = thread.outgoing.filter(({ clientId }) => clientId !== message.clientId);
  return { ...thread, outgoing: [...others, message] };
}

export function failed<M extends Numbered>(thread: Thread<M>, clientId: string, why: string): Thread<M> {
  const outgoing = thread.outgoing.map((message) =>
    message.clientId === clientId ? { ...message, failed: why } : message,
  );
  return { ...thread, outgoing };
}

export function withoutOutgoing<M extends Numbered>(thread: Thread<M>, clientId: string): Thread<M> {
  return { ...thread, outgoing: thread.outgoing.filter((message) => message.clientId !== clientId) };
}

function joined<M extends Numbered>(known: readonly M[], fresh: readonly M[]): readonly M[] {
  const last = known.at(-1)?.number ?? 0;
  // As good as always: what comes is new.
  if (fresh.every((message, at) => message.number > (fresh[at - 1]?.number ?? last))) return [...known, ...fresh];
  const all = new Map([...known, ...fresh].map((message) => [message.number, message]));
  return [...all.values()].toSorted((a, b) => a.number - b.number);
}

/** Of what nobody looks at, the last message is enough. */
function newest<M extends Numbered>(known: readonly M[], fresh: readonly M[]): readonly M[] {
  return joined(known, fresh).slice(-1);
}
