import { describe, expect, it } from "vitest";
import type { CallView, LegView } from "../../../wire/generated";
import { localReading } from "./localMeters";

const leg = (id: string, extra: Partial<LegView> = {}): LegView => ({
  id,
  user: id,
  name: id,
  role: "agent",
  muted: false,
  lost: false,
  joined_at: 0,
  ...extra,
});
const own = leg("ana");
const call = (...legs: LegView[]): CallView => ({
  id: "c",
  state: "active",
  caller: { name: "Daniel" },
  legs,
  held: false,
  placed_at: 0,
});

describe("localReading", () => {
  it("takes what arrives for the other party of a call between two", () => {
    const reading = localReading(call(leg("daniel", { role: "caller" }), own), own, -20.4, -70);
    expect(reading?.legs).toEqual([
      { leg: "daniel", level: -20, speaking: true },
      { leg: "ana", level: -70, speaking: false },
    ]);
  });

  it("says nothing where what arrives is a sum", () => {
    const coach = leg("sam", { role: "supervisor", mode: "whisper", coach: "ana" });
    expect(localReading(call(leg("daniel", { role: "caller" }), own, coach), own, -20, -20)).toBeNull();
  });

  it("shows a muted microphone as silent", () => {
    const muted = { ...own, muted: true };
    expect(localReading(call(leg("daniel", { role: "caller" }), muted), muted, -90, -20)?.legs[1]).toEqual({
      leg: "ana",
      level: -127,
      speaking: false,
    });
  });
});
