import type { GuestTextApi } from "../../api/guestText";
import { isText, type StreamMessage } from "../../wire/stream";
import { newChat, unread } from "../../requester/chat";
import { Conversation } from "../../requester/conversation";
import { Draft } from "../../requester/draft";
import type { ChatTools } from "../../requester/hooks";
import type { ConversationView, TextEnvelope } from "../../wire/generated";
import { createStore, type Readable } from "../../store/store";

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
  private readonly store = createStore<BesideView>(NOTHING);
  readonly view: Readable<BesideView> = this.store;

  constructor(private readonly api: GuestTextApi) {}

  /** Every message of the event stream; `call` is the one that goes on here. */
  hear(envelope: StreamMessage, call: string | null): void {
    const { tools } = this.store.get();
    if (tools) return tools.conversation.hear(envelope);
    if (!isText(envelope) || call === null) return;
    const view = viewsIn(envelope).find((it) => it.call === call);
    if (view) this.adopt(view);
    else if (envelope.type === "message.posted") void this.fetch(call);
  }

  lost(): void {
    this.store.get().tools?.conversation.lost();
  }

  async show(call: string): Promise<void> {
    this.store.patch({ isShown: true, failed: false });
    if (!this.store.get().tools) await this.fetch(call);
  }

  hide(): void {
    this.store.patch({ isShown: false, failed: false });
  }

  /** The call is over, and its event stream with it. */
  callEnded(): void {
    const conversation = this.store.get().tools?.conversation;
    if (conversation) setTimeout(() => void conversation.refresh(), AFTER_CALL_MS);
  }

  /** Another call begins. */
  reset(): void {
    this.store.get().tools?.conversation.close();
    this.store.patch(NOTHING);
  }

  private async fetch(call: string): Promise<void> {
    try {
      const view = await this.api.beside(call);
      if (!this.store.get().tools) this.adopt(view);
    } catch {
      this.store.patch({ failed: this.store.get().isShown });
    }
  }

  private adopt(view: ConversationView): void {
    // The call ends with the page, and so does this: nothing needs to be kept.
    const conversation = new Conversation(
      { api: this.api, now: Date.now, keep: () => undefined },
      newChat(view, Date.now()),
    );
    this.store.patch({ tools: { api: this.api, conversation, draft: new Draft(this.api, view.id) }, failed: false });
    conversation.state.subscribe(() => {
      const news = unread(conversation.state.get().chat);
      if (news !== this.store.get().news) this.store.patch({ news });
    });
  }
}

/** The conversations that a message speaks of. */
function viewsIn(envelope: TextEnvelope): readonly ConversationView[] {
  if (envelope.type === "text.snapshot") return envelope.conversations;
  return "conversation" in envelope && typeof envelope.conversation === "object" ? [envelope.conversation] : [];
}
