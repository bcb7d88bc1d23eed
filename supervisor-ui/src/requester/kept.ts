import { session } from "../browser/storage";
import type { ConversationView } from "../wire/generated";
import { type Chat, newChat, type Outgoing, reduce } from "./chat";
import type { Notice } from "./notices";

const STORED = "sotto.chat";
/** Notices that are kept over a reload. */
const NOTICES_MAX = 100;

/** What a tab keeps of its conversation, so that a reload goes on with it. */
export interface Kept {
  readonly token: string;
  readonly view: ConversationView;
  readonly outbox: readonly Outgoing[];
  readonly notices: readonly Notice[];
  readonly seen: number;
}

export function keep(token: string, { view, outbox, notices, seen }: Chat): void {
  const kept: Kept = { token, view, outbox, notices: notices.slice(-NOTICES_MAX), seen };
  session.set(STORED, JSON.stringify(kept));
}

export function forget(): void {
  session.set(STORED, null);
}

/** What this tab has kept, if anything that can be gone on with. */
export function kept(): Kept | null {
  const stored = session.get(STORED);
  if (stored === null) return null;
  try {
    const { token, view, outbox = [], notices = [], seen = 0 } = JSON.parse(stored) as Partial<Kept>;
    return typeof token === "string" && typeof view?.id === "string" ? { token, view, outbox, notices, seen } : null;
  } catch {
    return null;
  }
}

/** The chat that was kept, with what has become of the conversation since. */
export function resumed({ view: before, outbox, notices, seen }: Kept, view: ConversationView, at: number): Chat {
  const fresh = newChat(view, at);
  return reduce({ ...fresh, view: before, outbox, notices, seen }, { type: "told", view, at });
}
