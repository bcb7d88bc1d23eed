import type { LiveState } from "../../../live/state";
import type { AgentView, CallView, LegView, Offer } from "../../../wire/generated";

/** Where the agent stands, as the server told it. */
export type Phase =
  | { kind: "connecting" }
  | { kind: "idle"; presence: AgentView | null }
  | { kind: "ringing"; offer: Offer }
  /** On a call, or on one that the agent makes and nobody has taken yet. */
  | { kind: "talking"; call: CallView; own: LegView };

export function phaseOf(state: LiveState): Phase {
  if (!state.me) return { kind: "connecting" };
  for (const call of state.calls.values()) {
    const own = call.legs.find((leg) => leg.id === call.own_leg);
    if (own && (call.state === "active" || call.state === "dialing")) return { kind: "talking", call, own };
  }
  if (state.offer) return { kind: "ringing", offer: state.offer };
  return { kind: "idle", presence: state.agents.get(state.me.id) ?? null };
}

/** The server's word for an agent who let it ring in vain. */
export const MISSED = "missed";

/** The server's word for an agent who writes up their last call. */
export const AFTER_CALL = "after_call";

/** A supervisor whom the agent is told of, and as what. */
export interface Guest {
  leg: LegView;
  kind: "taken" | "coaching" | "joined" | "listening";
}

const ORDER = { taken: 0, coaching: 1, joined: 2, listening: 3 };

/**
 * Whom the agent is told of, the most important first. Who only listens is here only if the server
 * says so: that is the centre's choice, and this page has none.
 */
export function guestsOf(call: CallView, own: LegView): Guest[] {
  return call.legs
    .flatMap((leg) => {
      const kind = guestKind(leg, own);
      return kind ? [{ leg, kind }] : [];
    })
    .toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]);
}

function guestKind({ mode, coach }: LegView, own: LegView): Guest["kind"] | null {
  if (mode === "whisper") return coach === own.id ? "coaching" : null;
  if (mode === "take_over") return "taken";
  if (mode === "barge") return "joined";
  return mode === "listen" ? "listening" : null;
}

/** Somebody talks with this agent alone, who is not on the call proper. */
export function isConsulted(own: LegView): boolean {
  return own.consulted_by !== undefined;
}
