import { describe, expect, it } from "vitest";
import { microphoneFault } from "./fault";

const SENDING = { transmitting: true, deviceMuted: false } as const;

describe("what somebody is told of their own microphone", () => {
  it("is what the server finds in what it gets", () => {
    expect(microphoneFault({ ...SENDING, fault: null })).toBeNull();
    expect(microphoneFault({ ...SENDING, fault: "digital_silence" })).toBe("silent");
    expect(microphoneFault({ ...SENDING, fault: "clipping" })).toBe("clipped");
    expect(microphoneFault({ ...SENDING, fault: "nothing_received" })).toBe("unheard");
  });

  it("is nothing of what they hear, nor while they are muted, here or on the device", () => {
    expect(microphoneFault({ ...SENDING, fault: "nothing_arrives" })).toBeNull();
    expect(microphoneFault({ transmitting: false, deviceMuted: false, fault: "digital_silence" })).toBeNull();
    expect(microphoneFault({ transmitting: true, deviceMuted: true, fault: "digital_silence" })).toBeNull();
  });
});
