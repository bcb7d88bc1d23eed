import type { CallView, LegView } from "../../../wire/generated";

/** The agent who answered, or else nobody. */
export function agentOf(call: CallView): LegView | undefined {
  return call.legs.find((leg) => leg.role === "agent");
}

export function supervisorsOf(call: CallView): LegView[] {
  return call.legs.filter((leg) => leg.role === "supervisor" && leg.mode !== undefined);
}

export function agentName(call: CallView): string {
  return agentOf(call)?.name ?? call.ringing?.name ?? "";
}

/** Since when the clock in the table runs: answered, or else placed. */
export function since(call: CallView): number {
  return call.answered_at ?? call.placed_at;
}
