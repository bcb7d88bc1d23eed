/**
 * The microphone's gate. `closed`: no capture, and nothing is sent. `armed`: the microphone is
 * being opened, still nothing is sent. `open`: its sound is sent.
 */
export type Gate = "closed" | "armed" | "open";

export interface GateInput {
  /** The event stream stands. */
  connected: boolean;
  /** The server has said that somebody hears this user. */
  confirmed: boolean;
  /** The user wants to be heard. */
  wanted: boolean;
}

/**
 * Sound leaves this machine only while the connection stands, the user wants it, and the server has
 * confirmed who hears it. So it closes before a request to leave is even sent, and by itself when
 * the connection is lost.
 */
export function gateFor({ connected, confirmed, wanted }: GateInput): Gate {
  if (!connected || !wanted) return "closed";
  return confirmed ? "open" : "armed";
}
