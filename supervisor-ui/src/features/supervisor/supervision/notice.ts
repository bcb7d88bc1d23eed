import type { CallView, Envelope, Mode } from "../../../wire/generated";
import { shortName } from "../../../ui/names";
import { coachedAgent } from "./statement";
import type { Held } from "./plan";

/** Why supervision ended although the user had not asked for it. */
export type EndCause = "agent" | "caller" | "lost" | "server" | "withdrawn";

/** One sentence that keeps the truth, shown until the next wish or until it is closed. */
export type Notice =
  | { kind: "refused"; mode: Mode; detail: string }
  /** `callerKnew`: the caller heard the user until then. */
  | { kind: "ended"; cause: EndCause; agent: string; caller: string; callerKnew: boolean }
  | { kind: "reconnected" }
  | { kind: "media_lost" }
  /** The server took the user back to Listen unasked. */
  | { kind: "fell_back" }
  | { kind: "no_microphone" };

/** The notice of a supervision that the server has ended; `call` as it was before. */
export function endedNotice(envelope: Envelope, call: CallView | undefined, held: Held): Notice {
  return {
    kind: "ended",
    cause: causeOf(envelope),
    agent: coachedAgent(call, held.coach),
    caller: call ? shortName(call.caller.name) : "",
    callerKnew: held.mode === "barge",
  };
}

function causeOf(envelope: Envelope): EndCause {
  // When a call ends, the end of the supervision is told first, with the call as it is by then.
  const call = "call" in envelope && typeof envelope.call === "object" ? envelope.call : undefined;
  if (call?.state !== "ended") return "withdrawn";
  const reason = call.end_reason;
  return reason === "agent" || reason === "caller" || reason === "lost" ? reason : "server";
}
