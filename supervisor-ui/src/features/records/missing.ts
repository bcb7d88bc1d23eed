import type { PartySound } from "../../wire/generated";

/** Of how much of a party's sound listeners had to make up something: percent, one digit; "0" where nothing came. */
export function missingPercent({
  concealed_ms,
  fec_ms,
  received_packets,
  lost_packets,
  restored_packets,
}: PartySound): string {
  const packets = received_packets + lost_packets + restored_packets;
  // Browsers send 20 ms a packet; what is measured in ms and in packets then agrees.
  const all = Math.max(packets * PACKET_MS, concealed_ms + fec_ms);
  return all === 0 ? "0" : ((100 * concealed_ms) / all).toFixed(1);
}

const PACKET_MS = 20;
