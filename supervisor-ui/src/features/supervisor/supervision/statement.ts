import { type Audience, planOf } from "../../../hearing/plan";
import type { Connection } from "../../../live/state";
import { memberOf } from "../../../live/text/select";
import { shortName } from "../../../ui/names";
import type { CallView, ConversationView, Mode } from "../../../wire/generated";
import { coachedAgent, ownLeg } from "../model/call";
import { type Held, type Pending, REACH } from "./plan";

/** Who hears or sees the user right now, as far as the server has confirmed it. */
export type Statement =
  | { mode: "off"; pending: Pending | null }
  /** `whom`: whom the sentence names, the coached agent of a call or the customer of a conversation. */
  | {
      mode: Mode;
      at: string;
      whom: string;
      perhaps: Audience["perhaps"];
      pending: Pending | null;
      /** The page's way for sound is interrupted: for the moment nobody hears the user, whatever the mode. */
      cut?: boolean;
    }
  /** From another tab, browser or device of the user's; nothing comes or goes in this page. */
  | { mode: "elsewhere"; there: Mode; at: string; leg: string; whom: string; pending: Pending | null }
  | { mode: "lost" };

/** Whom a sentence about an interaction names. */
export interface Whom {
  whom: string;
  /** Who may hear the user besides; the server does not tell. */
  perhaps: Audience["perhaps"];
}

/** What the user supervises from another place. */
export interface There {
  at: string;
  mode: Mode;
  leg: string;
}

/** No optimism: a mode is said when the server's event is there, and not before. */
export function statementOf(
  connection: Connection,
  held: Held | null,
  pending: Pending | null,
  whom: (at: string) => Whom,
  there: There | null = null,
): Statement {
  if (connection.kind !== "live") return connection.kind === "lost" ? { mode: "lost" } : { mode: "off", pending: null };
  if (held) return { mode: held.mode, at: held.at, ...whom(held.at), pending };
  if (!there || pending?.kind === "leaving") return { mode: "off", pending };
  return { mode: "elsewhere", there: there.mode, at: there.at, leg: there.leg, whom: whom(there.at).whom, pending };
}

/** Whom a whisper on a call reaches, and whom it may reach besides. */
export function whomOnCall(call: CallView | undefined): Whom {
  const own = call && ownLeg(call);
  const perhaps = call && own ? planOf(call).audience(own.id).perhaps : [];
  return { whom: coachedAgent(call, own?.coach), perhaps };
}

/** Who in a conversation must not know of the user before Barge. */
export function whomInText(view: ConversationView | undefined): Whom {
  return { whom: shortName(view?.requester.name ?? ""), perhaps: [] };
}

/** A supervision of the user's that this page does not hold, the loudest first. */
export function thereOf(calls: Iterable<CallView>, held: Held | null): There | null {
  const found = [...calls].flatMap((call) => {
    const own = ownLeg(call);
    return own?.mode && call.id !== held?.at ? [{ at: call.id, mode: own.mode, leg: own.id }] : [];
  });
  return found.toSorted((a, b) => REACH[b.mode] - REACH[a.mode])[0] ?? null;
}

/** The same in conversations; what is read beside a call goes with the call. */
export function thereInText(
  conversations: Iterable<ConversationView>,
  me: string | undefined,
  held: Held | null,
): There | null {
  const found = [...conversations].flatMap((view) => {
    const mode = me === undefined || view.call !== undefined ? undefined : memberOf(view, me)?.mode;
    return mode && view.id !== held?.at && view.state !== "ended" ? [{ at: view.id, mode, leg: "" }] : [];
  });
  return found.toSorted((a, b) => REACH[b.mode] - REACH[a.mode])[0] ?? null;
}
