import type { Hearing } from "../../../hearing/picture";
import { shortName } from "../../../ui/names";
import type { CallView, LegView, Mode } from "../../../wire/generated";

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

/** The picture of one call, as the server tells it. */
export function hearingOf(call: CallView, mode: Mode | null, coach: string | undefined): Hearing {
  const caller = call.legs.find((leg) => leg.role === "caller");
  const agents = call.legs.filter((leg) => leg.role === "agent");
  const agent = agents.find((leg) => leg.id === coach) ?? agentOf(call);
  const barging = call.legs.some((leg) => leg.mode === "barge" && leg.id !== call.own_leg);
  return {
    mode: mode ?? "off",
    caller: call.caller.name,
    agent: agent?.name ?? call.ringing?.name ?? "–",
    held: call.held || call.state !== "active",
    agentMuted: agent?.muted ?? false,
    callerMuted: caller?.muted ?? false,
    // What the call began with, whatever the centre's choice is by now.
    agentNotified: call.listen_told ?? false,
    more: agents.length > 1 || barging,
  };
}
