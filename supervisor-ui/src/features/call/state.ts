import type { CallView, EndReason, Envelope, LegView } from "../../wire/generated";

/** The caller's call as the server told it. */
export type Told = { kind: "none" } | { kind: "going"; call: CallView } | { kind: "over"; call: CallView };

/** The call after one message: each holds it whole, so it is replaced. `own` is the call placed here. */
export function heard(told: Told, envelope: Envelope, own: string | null): Told {
  if (envelope.type === "snapshot") {
    const call = envelope.calls.find(({ id }) => id === own);
    if (call) return { kind: "going", call };
    // It ended while nothing was heard.
    return told.kind === "going" ? { kind: "over", call: told.call } : told;
  }
  if (!("call" in envelope) || typeof envelope.call === "string" || envelope.call.id !== own) return told;
  return envelope.call.state === "ended" || told.kind === "over"
    ? { kind: "over", call: envelope.call }
    : { kind: "going", call: envelope.call };
}

/** The people at the other end, in the order in which they joined. */
export function others(call: CallView): LegView[] {
  return call.legs.filter((leg) => leg.id !== call.own_leg && leg.role !== "caller");
}

/** Who is with the caller now, and who is apart: on hold the agents are, and while somebody else has taken over. */
export function present(call: CallView): { heard: LegView[]; apart: LegView[] } {
  const people = others(call);
  const taken = people.some(({ mode }) => mode === "take_over");
  const apart = call.held || taken ? people.filter(({ role }) => role === "agent") : [];
  return { heard: people.filter((leg) => !apart.includes(leg)), apart };
}

/** How it ended, in the caller's words. */
export type Ending = "byYou" | "done" | "nobody" | "lost" | "server";

const ENDINGS: Record<EndReason, Ending> = {
  caller: "byYou",
  agent: "done",
  no_agent: "nobody",
  no_media: "lost",
  lost: "lost",
  server: "server",
  // Of calls that agents make, whose other end has no page.
  busy: "nobody",
  declined: "nobody",
  no_answer: "nobody",
  no_such_number: "nobody",
  trunk_refused: "lost",
  no_common_codec: "lost",
  trunk_failed: "lost",
};

/** Without the server's word it is the connection that ended it. */
export function endingOf(call: CallView, byYou: boolean): Ending {
  if (byYou) return "byYou";
  return call.end_reason === undefined ? "lost" : ENDINGS[call.end_reason];
}

/** Who came and who went between two states, by name. */
export function changes(before: readonly LegView[], now: readonly LegView[]): { joined: string[]; left: string[] } {
  const missing = (from: readonly LegView[], other: readonly LegView[]) =>
    from.filter((leg) => !other.some(({ id }) => id === leg.id)).map(({ name }) => name);
  return { joined: missing(now, before), left: missing(before, now) };
}
