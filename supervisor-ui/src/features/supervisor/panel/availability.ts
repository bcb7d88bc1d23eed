import type { CallView, Mode, Permission } from "../../../wire/generated";
import { agentOf } from "../table/call";

/** Whether a mode can be asked for; if not, why, as a key of the words. */
export type Availability = "yes" | "role" | "listenFirst" | "noAgent" | "over" | "lost";

const RIGHTS: Record<Mode, Permission> = {
  listen: "monitor_live_calls",
  whisper: "whisper_live_calls",
  barge: "barge_live_calls",
};

export interface AvailabilityInput {
  connected: boolean;
  permissions: readonly Permission[];
  call: CallView;
  /** Confirmed on this call. */
  mode: Mode | null;
}

/** The server decides; this only spares a request that it would refuse. */
export function availabilityOf({ connected, permissions, call, mode }: AvailabilityInput): Record<Mode, Availability> {
  const of = (wanted: Mode): Availability => {
    if (!permissions.includes(RIGHTS[wanted])) return "role";
    if (!connected) return "lost";
    if (call.state !== "active" || !agentOf(call)) return "noAgent";
    return wanted !== "listen" && mode === null ? "listenFirst" : "yes";
  };
  return { listen: of("listen"), whisper: of("whisper"), barge: of("barge") };
}
