import { ApiError, type Credentials } from "../../api/http";
import type { GuestTextApi } from "../../api/guestText";
import type { EventSocketConfig } from "../../live/socket";
import { type Chat, newChat } from "../../requester/chat";
import { Conversation } from "../../requester/conversation";
import { Draft } from "../../requester/draft";
import { forget, keep, kept, resumed } from "../../requester/kept";
import { readCustomers } from "../../requester/stream";
import { createStore, type Readable } from "../../store/store";
import { FRESH, type GuestView, type Problem } from "./view";

export interface GuestPorts {
  api: (credentials: Credentials) => GuestTextApi;
  /** By what this browser's earlier chats are found; undefined: by nothing. */
  visitor: () => string | undefined;
  /** Opens the event stream. */
  events: (config: EventSocketConfig) => { close(): void };
}

/**
 * Somebody who writes as a guest, from the form to the end. The token is this tab's alone: it is
 * neither a cookie nor seen by other tabs, so that nobody who works here is signed out by it.
 */
export class Guest {
  private readonly store = createStore<GuestView>(FRESH);
  readonly view: Readable<GuestView> = this.store;
  private socket: { close(): void } | null = null;

  constructor(private readonly ports: GuestPorts) {
    const before = kept();
    if (before) this.join(before.token, resumed(before, before.view, Date.now()), false);
  }

  async start(name: string, queue: string, subject: string): Promise<void> {
    if (this.store.get().step !== "start") return;
    this.store.set({ ...FRESH, step: "connecting" });
    try {
      const { token } = await this.ports.api({ kind: "none" }).enter(name);
      const api = this.ports.api({ kind: "bearer", token });
      try {
        const visitor = this.ports.visitor();
        const view = await api.open({ queue, ...(subject !== "" && { subject }), ...(visitor && { visitor }) });
        this.join(token, newChat(view, Date.now()), true);
      } catch (error) {
        // A guest who has no conversation takes another one's place.
        void api.logout().catch(() => undefined);
        throw error;
      }
    } catch (error) {
      this.store.set({ ...FRESH, problem: problemOf(error) });
    }
  }

  /** Another conversation: a new guest, from the form on. */
  again(): void {
    this.socket?.close();
    this.socket = null;
    this.store.get().tools?.conversation.close();
    this.store.get().tools?.draft.clear();
    forget();
    this.store.set(FRESH);
  }

  private join(token: string, chat: Chat, isNew: boolean): void {
    const api = this.ports.api({ kind: "bearer", token });
    const conversation = new Conversation({ api, now: Date.now, keep: (now) => keep(token, now) }, chat);
    keep(token, chat);
    this.socket = this.ports.events({
      token,
      read: readCustomers,
      onMessage: (envelope) => conversation.hear(envelope),
      onEnd: (end) => (end === "signed_out" ? conversation.expire() : conversation.lost()),
      stillSignedIn: () =>
        api.me().then(
          () => true,
          (error: unknown) => !(error instanceof ApiError && error.status === 401),
        ),
    });
    this.store.set({
      step: "chatting",
      problem: null,
      tools: { api, conversation, draft: new Draft(api, conversation.id) },
      isNew,
    });
  }
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof ApiError)) return "failed";
  if (error.unanswered) return "unreachable";
  if (error.kind === "/problems/queue-closed") return "closed";
  return error.status === 503 || error.status === 429 ? "busy" : "failed";
}
