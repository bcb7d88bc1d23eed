import type { Connection } from "../../../live/state";
import { shortName } from "../../../ui/names";
import type { ConversationView, Mode } from "../../../wire/generated";
import type { Held, Pending } from "../supervision/plan";

/** Who sees the user in a conversation right now, as far as the server has confirmed it. */
export type TextStatement =
  | { mode: "off"; pending: Pending | null }
  | { mode: Mode; conversation: string; customer: string; pending: Pending | null }
  | { mode: "lost" };

/** No optimism: a mode is said when the server's event is there, and not before. */
export function textStatementOf(
  connection: Connection,
  conversations: ReadonlyMap<string, ConversationView>,
  held: Held | null,
  pending: Pending | null,
): TextStatement {
  if (connection.kind !== "live") return connection.kind === "lost" ? { mode: "lost" } : { mode: "off", pending: null };
  if (!held) return { mode: "off", pending };
  const customer = conversations.get(held.call)?.requester.name ?? "";
  return { mode: held.mode, conversation: held.call, customer: shortName(customer), pending };
}
