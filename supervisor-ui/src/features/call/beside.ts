import type { GuestTextApi } from "../../api/guestText";
import { isText } from "../../live/text/envelope";
import { newChat, unread } from "../../requester/chat";
import { Conversation } from "../../requester/conversation";
import { Draft } from "../../requester/draft";
import type { ChatTools } from "../../requester/hooks";
import type { ConversationView, Envelope, TextEnvelope } from "../../wire/generated";

/** The server ends the conversation a little after its call. */
const AFTER_CALL_MS = 500;

export interface BesideView {
  /** The conversation, once there is one: from the first word of either side. */
  readonly tools: ChatTools | null;
  readonly isShown: boolean;
  /** There is none to be had. */
  readonly failed: boolean;
  /** Messages that nobody has looked at. */
  readonly news: number;
}

const NOTHING: BesideView = { tools: null, isShown: false, failed: false, news: 0 };

/** The conversation beside the call: the caller's own words, in the same stream of events. */
export class Beside {
  private view: BesideView = NOTHING;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly api: GuestTextApi) {}

  getView = (): BesideView => this.view;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Every message of the event stream; `call` is the one that goes on here. */
  hear(envelope: Envelope | TextEnvelope, call: string | null): void {
    if (this.view.tools) return this.view.tools.conversation.hear(envelope);
    if (!isText(envelope) || call === null) return;
    const view = viewsIn(envelope).find((it) => it.call === call);
    if (view) this.adopt(view);
    else if (envelope.type === "message.posted") void this.fetch(call);
  }

  lost(): void {
    this.view.tools?.conversation.lost();
  }

  async show(call: string): Promise<void> {
    this.set({ isShown: true, failed: false });
    if (!this.view.tools) await this.fetch(call);
  }

  hide(): void {
    this.set({ isShown: false, failed: false });
  }

  /** The call is over, and its event stream with it. */
  callEnded(): void {
    const conversation = this.view.tools?.conversation;
    if (conversation) setTimeout(() => void conversation.refresh(), AFTER_CALL_MS);
  }

  /** Another call begins. */
  reset(): void {
    this.view.tools?.conversation.close();
    this.set(NOTHING);
  }

  private async fetch(call: string): Promise<void> {
    try {
      const view = await this.api.beside(call);
      if (!this.view.tools) this.adopt(view);
    } catch {
      this.set({ failed: this.view.isShown });
    }
  }

  private adopt(view: ConversationView): void {
    // The call ends with the page, and so does this: nothing needs to be kept.
    const conversation = new Conversation(
      { api: this.api, now: Date.now, keep: () => undefined },
      newChat(view, Date.now()),
    );
    this.set({ tools: { api: this.api, conversation, draft: new Draft(this.api, view.id) }, failed: false });
    conversation.subscribe(() => {
      const news = unread(conversation.getState().chat);
      if (news !== this.view.news) this.set({ news });
    });
  }

  private set(change: Partial<BesideView>): void {
    this.view = { ...this.view, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

/** The conversations that a message speaks of. */
function viewsIn(envelope: TextEnvelope): readonly ConversationView[] {
  if (envelope.type === "text.snapshot") return envelope.conversations;
  return "conversation" in envelope && typeof envelope.conversation === "object" ? [envelope.conversation] : [];
}
