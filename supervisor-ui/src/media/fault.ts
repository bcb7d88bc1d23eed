import type { MediaFault } from "../wire/generated";
import type { StationView } from "./station";

/** What is wrong with somebody's own microphone. */
export type MicrophoneFault = "silent" | "clipped" | "unheard";

/**
 * What to tell somebody of their own microphone: what the server finds in what it gets, while this page sends. Whatever
 * was muted here or on the device is no fault, and is told as what it is.
 */
export function microphoneFault({ fault, transmitting, deviceMuted }: Sending): MicrophoneFault | null {
  if (!transmitting || deviceMuted || fault === null) return null;
  return TOLD[fault];
}

type Sending = Pick<StationView, "fault" | "transmitting" | "deviceMuted">;

const TOLD: Record<MediaFault, MicrophoneFault | null> = {
  digital_silence: "silent",
  clipping: "clipped",
  nothing_received: "unheard",
  wrong_payload_type: "unheard",
  wrong_source: "unheard",
  // Of what this page hears, not of its microphone.
  nothing_arrives: null,
};
