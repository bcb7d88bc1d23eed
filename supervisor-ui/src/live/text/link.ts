import { ApiError } from "../../api/http";
import type { TextApi } from "../../api/text";
import type { AttachmentView, ConversationView, MessageView, UserRef, Visibility } from "../../wire/generated";
import type { TextAction, ThreadRef } from "./local";
import { memberOf } from "./select";
import { storedSeen, storeSeen } from "./seen";
import type { TextState } from "./state";
import { missing, older, type Numbered, type Outgoing, type Thread } from "./thread";
import { TypingSign } from "./typing";

/** A page that could not be fetched is tried again after that. */
const RETRY_MS = 3000;

export interface TextLinkPorts {
  api: Pick<TextApi, "post" | "messages" | "typing" | "mark" | "postChat" | "chatMessages" | "readChat">;
  me: UserRef;
  getText: () => TextState;
  subscribe: (listener: () => void) => () => void;
  act: (action: TextAction) => void;
  /** Whether the event stream is there. */
  isLive: () => boolean;
  serverNow: () => number;
}

export interface Draft {
  readonly text: string;
  readonly visibility: Visibility;
  readonly attachments: readonly AttachmentView[];
}

/**
 * What the state of conversations and chats needs done at the server: pages that are missing are
 * fetched, messages sent, and marks set. It decides nothing about who sees what.
 */
export class TextLink {
  readonly typing: TypingSign;
  private readonly fetching = new Set<string>();
  private readonly delivered = new Map<string, number>();
  private readonly read = new Map<string, number>();
  private readonly unsubscribe: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wasLive = false;
  private seen: TextState["seen"];

  constructor(private readonly ports: TextLinkPorts) {
    this.typing = new TypingSign((conversation, typing) => {
      void ports.api.typing(conversation, { visibility: "public", typing }).catch(() => undefined);
    });
    storedSeen(ports.me.user).forEach(([conversation, number]) => ports.act({ type: "seen", conversation, number }));
    this.seen = ports.getText().seen;
    this.unsubscribe = ports.subscribe(() => this.follow());
    this.follow();
  }

  dispose(): void {
    this.unsubscribe();
    this.typing.dispose();
    clearTimeout(this.timer);
  }

  /** A thread is looked at: what is missing comes. */
  want(thread: ThreadRef): void {
    this.ports.act({ type: "wanted", thread });
  }

  /** Fetches the page before the oldest message that is here. */
  async loadOlder(thread: ThreadRef): Promise<void> {
    const page = older(this.threadOf(thread));
    if (page) await this.fetch(thread, page.before);
  }

  /** Shown at once as being sent. */
  send(conversation: string, draft: Draft): void {
    this.typing.stop();
    this.deliver(
      { kind: "conversation", id: conversation },
      { clientId: newId(), ...draft, at: this.ports.serverNow(), failed: null },
    );
  }

  sendChat(chat: string, text: string): void {
    this.deliver(
      { kind: "chat", id: chat },
      { clientId: newId(), text, visibility: "private", attachments: [], at: this.ports.serverNow(), failed: null },
    );
  }

  /** The same message once more: with the same id it can't be doubled. */
  retry(thread: ThreadRef, message: Outgoing): void {
    this.deliver(thread, { ...message, failed: null });
  }

  discard(thread: ThreadRef, clientId: string): void {
    this.ports.act({ type: "discarded", thread, clientId });
  }

  /** This user has looked at the conversation up to its end. */
  look(conversation: string): void {
    const { messages, conversations } = this.ports.getText();
    const loaded = messages.get(conversation)?.messages ?? [];
    const last = loaded.at(-1);
    if (!last) return;
    this.ports.act({ type: "seen", conversation, number: last.number });
    const view = conversations.get(conversation);
    if (view && this.marks(view)) this.mark(conversation, "read", this.read, placeOf(loaded, this.ports.me.user));
  }

  lookChat(chat: string): void {
    const { chats, chatMessages } = this.ports.getText();
    const last = chatMessages.get(chat)?.messages.at(-1)?.number ?? 0;
    if ((chats.get(chat)?.unread ?? 0) > 0 && last > (this.read.get(chat) ?? 0)) {
      this.read.set(chat, last);
      void this.ports.api.readChat(chat, last).catch(() => this.read.delete(chat));
    }
  }

  private async deliver(thread: ThreadRef, message: Outgoing): Promise<void> {
    const { api, act } = this.ports;
    act({ type: "sending", thread, message });
    try {
      if (thread.kind === "chat") {
        await api.postChat(thread.id, { text: message.text, client_id: message.clientId });
        return;
      }
      const attachments = message.attachments.map(({ id }) => id);
      const receipt = await api.post(thread.id, {
        text: message.text,
        visibility: message.visibility,
        client_id: message.clientId,
        ...(attachments.length > 0 && { attachments }),
      });
      act({
        type: "page",
        thread: { kind: "conversation", id: thread.id },
        messages: [this.kept(thread.id, message, receipt)],
      });
    } catch (error) {
      act({
        type: "failed",
        thread,
        clientId: message.clientId,
        why: error instanceof ApiError && !error.unanswered ? error.message : "",
      });
    }
  }

  private kept(
    conversation: string,
    message: Outgoing,
    receipt: { number: number; public?: number; at: number },
  ): MessageView {
    const view = this.ports.getText().conversations.get(conversation);
    return {
      number: receipt.number,
      ...(receipt.public !== undefined && { public: receipt.public }),
      author: this.ports.me,
      part: (view && memberOf(view, this.ports.me.user)?.part) ?? "agent",
      at: receipt.at,
      text: message.text,
      attachments: [...message.attachments],
      client_id: message.clientId,
    };
  }

  /** Brings what is here in line with what the server has. */
  private follow(): void {
    const live = this.ports.isLive();
    const back = live && !this.wasLive;
    this.wasLive = live;
    if (!live) return;
    this.keepSeen();
    if (back) this.sendAgain();
    const { conversations, messages, chats, chatMessages } = this.ports.getText();
    for (const [id, view] of conversations) {
      this.complete({ kind: "conversation", id }, messages.get(id), view.messages);
      if (this.marks(view))
        this.mark(id, "delivered", this.delivered, placeOf(messages.get(id)?.messages ?? [], this.ports.me.user));
    }
    for (const [id, chat] of chats) this.complete({ kind: "chat", id }, chatMessages.get(id), chat.messages);
  }

  private keepSeen(): void {
    const { seen } = this.ports.getText();
    if (seen !== this.seen) storeSeen(this.ports.me.user, seen);
    this.seen = seen;
  }

  private complete(ref: ThreadRef, thread: Thread<Numbered> | undefined, total: number): void {
    const page = thread?.wanted ? missing(thread, total) : null;
    if (page) void this.fetch(ref, page.before);
  }

  private async fetch(ref: ThreadRef, before: number | null): Promise<void> {
    const key = `${ref.kind} ${ref.id}`;
    if (this.fetching.has(key)) return;
    this.fetching.add(key);
    const { api, act } = this.ports;
    try {
      if (ref.kind === "chat") {
        const { messages } = await api.chatMessages(ref.id, before);
        this.fetching.delete(key);
        act({ type: "page", thread: { kind: "chat", id: ref.id }, messages });
      } else {
        const { messages } = await api.messages(ref.id, before);
        this.fetching.delete(key);
        act({ type: "page", thread: { kind: "conversation", id: ref.id }, messages });
      }
    } catch {
      // It stays marked as being fetched until the timer, so that no loop comes of it.
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.fetching.clear();
        this.follow();
      }, RETRY_MS);
    }
  }

  /** What was not answered when the connection went is sent again; the server knows it by its id. */
  private sendAgain(): void {
    const { messages, chatMessages } = this.ports.getText();
    const again = (kind: ThreadRef["kind"], threads: ReadonlyMap<string, Thread<Numbered>>) => {
      for (const [id, { outgoing }] of threads) {
        outgoing.filter(({ failed }) => failed === "").forEach((message) => this.retry({ kind, id }, message));
      }
    };
    again("conversation", messages);
    again("chat", chatMessages);
  }

  /** Marks are noted of customers and agents only. */
  private marks(view: ConversationView): boolean {
    const part = memberOf(view, this.ports.me.user)?.part;
    return part === "agent" || part === "requester";
  }

  private mark(conversation: string, kind: "delivered" | "read", sent: Map<string, number>, upTo: number): void {
    if (upTo <= (sent.get(conversation) ?? 0)) return;
    sent.set(conversation, upTo);
    void this.ports.api.mark(conversation, { kind, up_to: upTo }).catch(() => sent.delete(conversation));
  }

  private threadOf({ kind, id }: ThreadRef): Thread<Numbered> {
    const { messages, chatMessages } = this.ports.getText();
    return (kind === "chat" ? chatMessages.get(id) : messages.get(id)) ?? { messages: [], outgoing: [], wanted: false };
  }
}

/** The public place of the newest message of somebody else. */
function placeOf(messages: readonly MessageView[], me: string): number {
  return messages.findLast((message) => message.public !== undefined && message.author.user !== me)?.public ?? 0;
}

/** `crypto.randomUUID` exists in secure contexts only. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
