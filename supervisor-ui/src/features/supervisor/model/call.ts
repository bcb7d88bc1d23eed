import { shortName } from "../../../ui/names";
import type { CallView, LegView } from "../../../wire/generated";

/** The agent who answered, or else nobody. */
export function agentOf(call: CallView): LegView | undefined {
  return call.legs.find((leg) => leg.role === "agent");
}

export function supervisorsOf(call: CallView): LegView[] {
  return call.legs.filter((leg) => leg.role === "supervisor" && leg.mode !== undefined);
}

export function agentsOf(call: CallView): LegView[] {
  return call.legs.filter((leg) => leg.role === "agent");
}

/** The agents on the call, of a conference all of them; or else at whom it rings. */
export function agentName(call: CallView): string {
  const names = agentsOf(call).map(({ name }) => name);
  return names.length > 0 ? names.join(", ") : (call.ringing?.name ?? "");
}

/** Since when the clock in the table runs: answered, or else placed. */
export function since(call: CallView): number {
  return call.answered_at ?? call.placed_at;
}

/** This user's own leg. */
export function ownLeg(call: CallView): LegView | undefined {
  return call.legs.find((leg) => leg.id === call.own_leg);
}

/** The leg of the coached agent, or else of the one who answered. */
export function coachedLeg(call: CallView | undefined, coach: string | undefined): LegView | undefined {
  const agents = call?.legs.filter((leg) => leg.role === "agent") ?? [];
  return agents.find((leg) => leg.id === coach) ?? agents[0];
}

/** The name that the coached agent, or else the one who answered, is called by. */
export function coachedAgent(call: CallView | undefined, coach: string | undefined): string {
  const agent = coachedLeg(call, coach);
  return agent ? shortName(agent.name) : "";
}
