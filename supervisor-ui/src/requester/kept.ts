import * as v from "valibot";
import { session } from "../browser/storage";
import { AttachmentView, ConversationView as ConversationViewSchema } from "../wire/customerSchemas";
import type { ConversationView } from "../wire/generated";
import { restored, type Schema } from "../wire/schema";
import { type Chat, newChat, type Outgoing, reduce } from "./chat";
import { KEPT } from "./keptAt";
import type { Notice } from "./notices";

const OutgoingSchema: Schema<Outgoing> = v.object({
  clientId: v.string(),
  text: v.string(),
  attachments: v.array(AttachmentView),
  at: v.number(),
  refused: v.nullable(v.string()),
});

const NOTED = { key: v.string(), at: v.number() };
const NoticeSchema: Schema<Notice> = v.variant("kind", [
  v.object({ ...NOTED, kind: v.picklist(["joined", "left"]), name: v.string() }),
  v.object({ ...NOTED, kind: v.literal("transferring"), to: v.string() }),
  v.object({ ...NOTED, kind: v.picklist(["nobody", "ended"]) }),
]);

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

const Stored: Schema<Kept> = v.object({
  token: v.string(),
  view: ConversationViewSchema,
  outbox: v.optional(v.array(OutgoingSchema), []),
  notices: v.optional(v.array(NoticeSchema), []),
  seen: v.optional(v.number(), 0),
});

export function keep(token: string, { view, outbox, notices, seen }: Chat): void {
  const kept: Kept = { token, view, outbox, notices: notices.slice(-NOTICES_MAX), seen };
  session.set(KEPT, JSON.stringify(kept));
}

export function forget(): void {
  session.set(KEPT, null);
}

/** What this tab has kept, if anything that can be gone on with. */
export function kept(): Kept | null {
  return restored(Stored, session.get(KEPT));
}

/** The chat that was kept, with what has become of the conversation since. */
export function resumed({ view: before, outbox, notices, seen }: Kept, view: ConversationView, at: number): Chat {
  const fresh = newChat(view, at);
  return reduce({ ...fresh, view: before, outbox, notices, seen }, { type: "told", view, at });
}
