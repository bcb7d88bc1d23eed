import type { CallView, ConversationView, Mode, Permission } from "../../../wire/generated";
import { agentOf } from "../model/call";

/** Whether a mode can be asked for; if not, why, as a key of the words. */
export type Availability = "yes" | "role" | "listenFirst" | "noAgent" | "over" | "lost";

/** The modes of which one is chosen; a take-over is a step of its own, after Barge, and needs no other right. */
export type Choice = Exclude<Mode, "take_over">;

const RIGHTS: Record<Choice, Permission> = {
  listen: "monitor_live_calls",
  whisper: "whisper_live_calls",
  barge: "barge_live_calls",
};

export interface AvailabilityInput {
  connected: boolean;
  permissions: readonly Permission[];
  /** Why this interaction can't be supervised; null: it can. */
  obstacle: "noAgent" | "over" | null;
  /** Confirmed here. */
  mode: Mode | null;
}

/** The server decides; this only spares a request that it would refuse. */
export function availabilityOf(input: AvailabilityInput): Record<Choice, Availability> {
  const { connected, permissions, obstacle, mode } = input;
  const of = (wanted: Choice): Availability => {
    if (!permissions.includes(RIGHTS[wanted])) return "role";
    if (!connected) return "lost";
    return obstacle ?? (wanted !== "listen" && mode === null ? "listenFirst" : "yes");
  };
  return { listen: of("listen"), whisper: of("whisper"), barge: of("barge") };
}

/** On a call there must be somebody to listen to. */
export function callObstacle(call: CallView): "noAgent" | null {
  return call.state === "active" && agentOf(call) ? null : "noAgent";
}

/** A customer who waits in text can be read already. */
export function textObstacle(view: ConversationView): "over" | null {
  return view.state === "ended" ? "over" : null;
}
