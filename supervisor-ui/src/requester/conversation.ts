import { ApiError, randomKey } from "../api/http";
import type { GuestTextApi } from "../api/guestText";
import { isText, type StreamMessage } from "../wire/stream";
import { TypingSign } from "../live/text/typing";
import type { AttachmentView, ConversationView, MarkKind } from "../wire/generated";
import { type Chat, type ChatAction, heard, missing, type Outgoing, reduce } from "./chat";
import { createStore, type Readable, type Store } from "../store/store";

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
/** A message may overtake another one on its way here: so long a hole is not a lost message yet. */
const HOLE_PATIENCE_MS = 150;

export interface ConversationPorts {
  api: Pick<GuestTextApi, "post" | "messages" | "conversation" | "transcript" | "typing" | "mark" | "end">;
  /** Called with each change, to keep what a reload needs. */
  keep: (chat: Chat) => void;
  now: () => number;
}

export interface ConversationState {
  readonly chat: Chat;
  /** The event stream is away for the moment. */
  readonly away: boolean;
  /** The server no longer knows this customer: nothing can be sent or fetched any more. */
  readonly expired: boolean;
}

/**
 * The customer's conversation outside React. It feeds the reducer with what the server tells, sends
 * what was written, in order and each once, and fetches what is missing. Who connects, and where the
 * event stream comes from, is the page's.
 */
export class Conversation {
  private readonly store: Store<ConversationState>;
  readonly state: Readable<ConversationState>;
  private readonly sign: TypingSign;
  private readonly timers = new Map<"send" | "load" | "tick", ReturnType<typeof setTimeout>>();
  private readonly marked: Record<MarkKind, number> = { delivered: 0, read: 0 };
  private clockOffset = 0;
  private failures = 0;
  private sending = false;
  private loading = false;
  private looking = false;
  private closed = false;

  constructor(
    private readonly ports: ConversationPorts,
    chat: Chat,
  ) {
    this.store = createStore<ConversationState>({ chat, away: false, expired: false });
    this.state = this.store;
    this.sign = new TypingSign((id, typing) => void ports.api.typing(id, typing).catch(() => undefined));
    this.follow();
  }

  get id(): string {
    return this.store.get().chat.view.id;
  }

  /** Every message of the event stream, whatever it is about. */
  hear(envelope: StreamMessage): void {
    this.clockOffset = envelope.at - this.ports.now();
    if (!isText(envelope)) return;
    if (envelope.type !== "text.snapshot") return this.set({ chat: heard(this.store.get().chat, envelope) });
    this.failures = 0;
    // The way is free again: what waits for its next try need not.
    this.cancel("send");
    this.cancel("load");
    this.set({ away: false, chat: heard(this.store.get().chat, envelope) });
    const isListed = envelope.conversations.some(({ id }) => id === this.id);
    if (!isListed) void this.refresh();
  }

  /** The event stream is away. */
  lost(): void {
    this.set({ away: true });
  }

  /** The server has forgotten this customer. */
  expire(): void {
    this.set({ expired: true });
    this.close();
  }

  send(text: string, attachments: readonly AttachmentView[]): void {
    const outgoing: Outgoing = { clientId: randomKey(), text, attachments, at: this.serverNow(), refused: null };
    this.sign.stop();
    this.act({ type: "write", outgoing });
  }

  act(action: ChatAction): void {
    this.set({ chat: reduce(this.store.get().chat, action) });
  }

  /** The customer is writing, or has emptied the field. */
  typed(text: string): void {
    if (text.trim() === "") this.sign.stop();
    else this.sign.typed(this.id);
  }

  /** Whether somebody looks at the conversation right now. */
  look(looking: boolean): void {
    this.looking = looking;
    this.set({});
  }

  /** Rejects when the server could not be told. */
  async end(): Promise<void> {
    await this.ports.api.end(this.id);
    await this.refresh();
  }

  /** Asks how it stands: when it is not among those that go on, or nothing is heard of it any more. */
  async refresh(): Promise<void> {
    if (this.store.get().chat.view.state === "ended") return;
    try {
      this.act({ type: "told", view: await this.ports.api.conversation(this.id), at: this.serverNow() });
    } catch (error) {
      if (statusOf(error) === 401) this.expire();
      else if (statusOf(error) === 404) await this.hasEnded();
    }
  }

  /** Says nothing more to the server; what it was is still shown. */
  close(): void {
    this.closed = true;
    this.sign.dispose();
    this.timers.forEach((timer) => clearTimeout(timer));
  }

  private serverNow(): number {
    return this.ports.now() + this.clockOffset;
  }

  private set(change: Partial<ConversationState>): void {
    const before = this.store.get();
    const next = { ...before, ...change };
    const chat = this.looking ? reduce(next.chat, { type: "seen" }) : next.chat;
    if (chat !== before.chat) this.ports.keep(chat);
    this.store.set({ ...next, chat });
    this.follow();
  }

  /** Does what the state asks for. */
  private follow(): void {
    if (this.closed) return;
    void this.deliver();
    if (missing(this.store.get().chat) !== null)
      this.later("load", this.store.get().chat.messages.length === 0 ? 0 : HOLE_PATIENCE_MS, () => void this.load());
    this.mark();
    const until = Math.min(...this.store.get().chat.typing.map((it) => it.until));
    if (Number.isFinite(until))
      this.later("tick", Math.max(0, until - this.serverNow()), () => this.act({ type: "tick", at: this.serverNow() }));
  }

  /** One after another, so that the order stays; the same id each time, so that none is doubled. */
  private async deliver(): Promise<void> {
    if (this.sending || this.closed || this.timers.has("send")) return;
    const next = this.store.get().chat.outbox.find(({ refused }) => refused === null);
    if (!next || !isOpen(this.store.get().chat.view)) return;
    this.sending = true;
    const { clientId, text, attachments } = next;
    try {
      const receipt = await this.ports.api.post(this.id, {
        text,
        visibility: "public",
        client_id: clientId,
        attachments: attachments.map(({ id }) => id),
      });
      this.failures = 0;
      this.act({ type: "acknowledged", clientId, receipt });
    } catch (error) {
      if (isPassing(error)) this.later("send", this.backOff(), () => void this.deliver());
      else await this.refused(clientId, error);
    } finally {
      this.sending = false;
    }
    void this.deliver();
  }

  /** To one that is over nothing can be written: then it is the end that is shown. */
  private async refused(clientId: string, error: unknown): Promise<void> {
    if (statusOf(error) === 401) return this.expire();
    if (statusOf(error) === 404) await this.refresh();
    if (isOpen(this.store.get().chat.view))
      this.act({ type: "refused", clientId, why: error instanceof Error ? error.message : "" });
  }

  private async load(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      for (
        let wanted = missing(this.store.get().chat);
        wanted !== null && !this.closed;
        wanted = missing(this.store.get().chat)
      ) {
        const { messages } = await this.ports.api.messages(this.id, wanted + 1);
        // What the server does not have would be asked for for ever.
        if (!messages.some(({ number }) => number === wanted)) return;
        this.act({ type: "page", messages });
      }
    } catch (error) {
      if (statusOf(error) === 401) this.expire();
      else if (isPassing(error)) this.later("load", this.backOff(), () => void this.load());
    } finally {
      this.loading = false;
    }
  }

  /** One that is over can't be asked for any more; what is left of it is its transcript. */
  private async hasEnded(): Promise<void> {
    const transcript = await this.ports.api.transcript(this.id).then(
      () => true,
      () => false,
    );
    const { view } = this.store.get().chat;
    const members = view.members.filter(({ part }) => part === "requester");
    this.act({
      type: "told",
      view: { ...view, state: "ended", members, may: { write_public: false, write_private: false, transcript } },
      at: this.serverNow(),
    });
  }

  /** Tells how far the others' messages came. */
  private mark(): void {
    const { chat, away, expired } = this.store.get();
    if (away || expired || chat.view.state === "ended") return;
    const upTo = Math.max(
      0,
      ...chat.messages.filter(({ part }) => part !== "requester").map((message) => message.public ?? 0),
    );
    const kind: MarkKind = this.looking ? "read" : "delivered";
    if (upTo <= Math.max(this.marked[kind], this.marked.read)) return;
    this.marked[kind] = upTo;
    void this.ports.api.mark(this.id, { kind, up_to: upTo }).catch(() => undefined);
  }

  private later(what: "send" | "load" | "tick", ms: number, then: () => void): void {
    if (what === "load" && this.timers.has("load")) return;
    clearTimeout(this.timers.get(what));
    this.timers.set(
      what,
      setTimeout(() => {
        this.timers.delete(what);
        if (!this.closed) then();
      }, ms),
    );
  }

  private cancel(what: "send" | "load"): void {
    clearTimeout(this.timers.get(what));
    this.timers.delete(what);
  }

  private backOff(): number {
    this.failures += 1;
    return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (this.failures - 1));
  }
}

/** The same request may well succeed in a moment. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.unanswered || error.status === 408 || error.status === 429 || error.status >= 500)
  );
}

function statusOf(error: unknown): number | null {
  return error instanceof ApiError ? error.status : null;
}

/** Whether more can be written to this conversation. */
export function isOpen(view: ConversationView): boolean {
  return view.state !== "ended" && view.may.write_public;
}
