import type { Hearing } from "../../../hearing/picture";
import type { CallView, Mode } from "../../../wire/generated";
import { agentOf } from "../model/call";

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
