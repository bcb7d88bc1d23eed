import type { Connection } from "../../../live/state";
import { shortName } from "../../../ui/names";
import type { CallView, ConversationView, Mode } from "../../../wire/generated";
import { coachedAgent, ownLeg } from "../model/call";
import type { Held, Pending } from "./plan";

/** Who hears or sees the user right now, as far as the server has confirmed it. */
export type Statement =
  | { mode: "off"; pending: Pending | null }
  /** `whom`: whom the sentence names, the coached agent of a call or the customer of a conversation. */
  | { mode: Mode; at: string; whom: string; pending: Pending | null }
  | { mode: "lost" };

/** No optimism: a mode is said when the server's event is there, and not before. */
export function statementOf(
  connection: Connection,
  held: Held | null,
  pending: Pending | null,
  whom: (at: string) => string,
): Statement {
  if (connection.kind !== "live") return connection.kind === "lost" ? { mode: "lost" } : { mode: "off", pending: null };
  return held ? { mode: held.mode, at: held.at, whom: whom(held.at), pending } : { mode: "off", pending };
}

/** Whom a whisper on a call reaches. */
export function whomOnCall(call: CallView | undefined): string {
  return coachedAgent(call, call && ownLeg(call)?.coach);
}

/** Who in a conversation must not know of the user before Barge. */
export function whomInText(view: ConversationView | undefined): string {
  return shortName(view?.requester.name ?? "");
}
