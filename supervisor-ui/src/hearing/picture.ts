import type { Mode } from "../wire/generated";

/** What the picture of who hears whom is drawn from. */
export interface Hearing {
  mode: Mode | "off";
  caller: string;
  /** The coached agent, or the one who answered. */
  agent: string;
  /** Caller and agents are parted. */
  held: boolean;
  agentMuted: boolean;
  callerMuted: boolean;
  /** The agent is told of listeners too. */
  agentNotified: boolean;
  /** There are more parties than the picture shows. */
  more: boolean;
}

/** Which wires are lit; the same rule as the server's route plan. */
export interface Wires {
  callerToAgent: boolean;
  agentToCaller: boolean;
  callerToYou: boolean;
  agentToYou: boolean;
  youToAgent: boolean;
  youToCaller: boolean;
}

/** What the hold parts and the mutes silence; a hold leaves supervisors hearing both sides. */
export function wiresOf(hearing: Hearing): Wires {
  const { mode, held, agentMuted, callerMuted } = hearing;
  const there = mode !== "off";
  return {
    callerToAgent: !held && !callerMuted,
    agentToCaller: !held && !agentMuted,
    callerToYou: there && !callerMuted,
    agentToYou: there && !agentMuted,
    youToAgent: mode === "whisper" || mode === "barge",
    youToCaller: mode === "barge",
  };
}
