import { describe, expect, it } from "vitest";
import type { PartySound } from "../../wire/generated";
import { missingPercent } from "./missing";

const NOTHING: PartySound = {
  user: "1",
  name: "Daniel",
  received_packets: 0,
  restored_packets: 0,
  lost_packets: 0,
  late_packets: 0,
  fec_ms: 0,
  concealed_ms: 0,
  delay_ms: 22,
};

describe("how a party's sound came", () => {
  it("is the share that had to be made up, of all that was sent", () => {
    expect(missingPercent(NOTHING)).toBe("0");
    expect(missingPercent({ ...NOTHING, received_packets: 3000 })).toBe("0.0");
    const lossy = { ...NOTHING, received_packets: 800, restored_packets: 160, lost_packets: 40 };
    expect(missingPercent({ ...lossy, concealed_ms: 200, fec_ms: 600 })).toBe("1.0");
    expect(missingPercent({ ...NOTHING, concealed_ms: 100 })).toBe("100.0");
  });
});
