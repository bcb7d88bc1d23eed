import type { ConversationView, Mode, Permission } from "../../../wire/generated";
import type { Availability } from "../panel/availability";

const RIGHTS: Record<Mode, Permission> = {
  listen: "monitor_live_calls",
  whisper: "whisper_live_calls",
  barge: "barge_live_calls",
};

export interface TextAvailabilityInput {
  connected: boolean;
  permissions: readonly Permission[];
  view: ConversationView;
  /** Confirmed in this conversation. */
  mode: Mode | null;
}

/** The server decides; this only spares a request that it would refuse. */
export function textAvailabilityOf({
  connected,
  permissions,
  view,
  mode,
}: TextAvailabilityInput): Record<Mode, Availability> {
  const of = (wanted: Mode): Availability => {
    if (!permissions.includes(RIGHTS[wanted])) return "role";
    if (!connected) return "lost";
    if (view.state === "ended") return "over";
    return wanted !== "listen" && mode === null ? "listenFirst" : "yes";
  };
  return { listen: of("listen"), whisper: of("whisper"), barge: of("barge") };
}
