import { describe, expect, it, vi } from "vitest";
import { BUCKETS, Meters, scale } from "./meters";

const reading = (caller: boolean, agent = false) => [
  {
    call: "a",
    legs: [
      { leg: "c", level: caller ? -20 : -80, speaking: caller },
      { leg: "g", level: -30, speaking: agent },
    ],
  },
];

describe("meters", () => {
  it("keeps the newest level and tells who speaks", () => {
    const meters = new Meters();
    meters.take(0, reading(true));
    meters.take(100, reading(false));
    expect(meters.track("a")?.legs.get("c")).toMatchObject({ level: 0, speaking: false });
  });

  it("counts speech and talk-over in the second in which it was", () => {
    const meters = new Meters();
    meters.take(5000, reading(true));
    meters.take(5100, reading(true, true));
    meters.take(6000, reading(false));
    const track = meters.track("a");
    expect(track?.legs.get("c")?.spoken[5]).toBe(2);
    expect(track?.over[5]).toBe(1);
    expect(track?.over[6]).toBe(0);
    expect(track?.heardAt).toBe(5100);
  });

  it("empties the ring as it comes round, also after a pause", () => {
    const meters = new Meters();
    meters.take(3000, reading(true));
    meters.take((3 + BUCKETS) * 1000, reading(false));
    expect(meters.track("a")?.legs.get("c")?.spoken[3]).toBe(0);
    meters.take((3 + 5 * BUCKETS) * 1000, reading(true));
    const spoken = meters.track("a")?.legs.get("c")?.spoken ?? new Uint8Array();
    expect(spoken.reduce((sum, n) => sum + n, 0)).toBe(1);
  });

  it("shows nobody speaking once the connection is gone", () => {
    const meters = new Meters();
    const told = vi.fn();
    meters.subscribe("a", told);
    meters.take(0, reading(true));
    meters.silence();
    expect(meters.track("a")).toMatchObject({ stale: true });
    expect(meters.track("a")?.legs.get("c")?.speaking).toBe(false);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it("maps dBFS to a meter's range", () => {
    expect(scale(-127)).toBe(0);
    expect(scale(-35)).toBe(0.5);
    expect(scale(0)).toBe(1);
  });
});
