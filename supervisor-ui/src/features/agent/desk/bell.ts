import { type Cadence, RING, RINGBACK } from "../../../media/ringer";
import type { Order } from "./desk";
import type { Phase } from "./phase";

/** What rings in this page, and for which call. */
export interface Bell {
  readonly call: string;
  readonly cadence: Cadence;
}

/** A call that is offered, until the agent does something about it; or the number that the agent calls. */
export function bellOf(phase: Phase, here: string | null, pending: Order | null): Bell | null {
  if (phase.kind === "ringing") return pending === null ? { call: phase.offer.call.id, cadence: RING } : null;
  if (phase.kind !== "talking" || phase.call.id !== here) return null;
  const ringsThere = phase.call.state === "dialing" && phase.call.outbound?.progress === "ringing";
  return ringsThere ? { call: phase.call.id, cadence: RINGBACK } : null;
}
