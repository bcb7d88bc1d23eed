import type { Connection } from "../../../live/state";
import type { CallView, LegView } from "../../../wire/generated";
import { shortName } from "../../../ui/names";
import type { Held, Pending } from "./plan";

/** Who hears the user right now, as far as the server has confirmed it. */
export type Statement =
  | { mode: "off"; pending: Pending | null }
  | { mode: "listen" | "barge"; call: string; pending: Pending | null }
  | { mode: "whisper"; call: string; agent: string; pending: Pending | null }
  | { mode: "lost" };

/** No optimism: a mode is said when the server's event is there, and not before. */
export function statementOf(
  connection: Connection,
  calls: ReadonlyMap<string, CallView>,
  held: Held | null,
  pending: Pending | null,
): Statement {
  if (connection.kind !== "live") return connection.kind === "lost" ? { mode: "lost" } : { mode: "off", pending: null };
  if (!held) return { mode: "off", pending };
  switch (held.mode) {
    case "listen":
    case "barge":
      return { mode: held.mode, call: held.call, pending };
    case "whisper":
      return { mode: "whisper", call: held.call, agent: coachedAgent(calls.get(held.call), held.coach), pending };
  }
}

/** The name that the coached agent, or else the one who answered, is called by. */
export function coachedAgent(call: CallView | undefined, coach: string | undefined): string {
  const agent = coachedLeg(call, coach);
  return agent ? shortName(agent.name) : "";
}

/** The leg of the coached agent, or else of the one who answered. */
export function coachedLeg(call: CallView | undefined, coach: string | undefined): LegView | undefined {
  const agents = call?.legs.filter((leg) => leg.role === "agent") ?? [];
  return agents.find((leg) => leg.id === coach) ?? agents[0];
}
