import { describe, expect, it } from "vitest";
import type { Connection } from "../../../live/state";
import { aCall, aLeg } from "../../../testing/wire";
import { coachedAgent, statementOf } from "./statement";
import { adopted, type Held, nextStep, pendingOf, reflected } from "./plan";

const LIVE: Connection = { kind: "live" };
const held = (mode: Held["mode"], call = "a"): Held => ({
  call,
  leg: "own",
  mode,
  coach: mode === "whisper" ? "agent" : undefined,
});

describe("the statement", () => {
  const calls = new Map([["a", aCall("a")]]);

  it("says what is held, not what is wanted", () => {
    const pending = pendingOf(held("listen"), { call: "a", mode: "barge" });
    expect(statementOf(LIVE, calls, held("listen"), pending)).toEqual({
      mode: "listen",
      call: "a",
      pending: { kind: "asking", call: "a", mode: "barge" },
    });
    expect(statementOf(LIVE, calls, null, { kind: "asking", call: "a", mode: "listen" }).mode).toBe("off");
  });

  it("names the coached agent", () => {
    expect(statementOf(LIVE, calls, held("whisper"), null)).toMatchObject({ mode: "whisper", agent: "Ana" });
    const two = aCall("a", { legs: [aLeg("agent", "agent", "Ana Duarte"), aLeg("x", "agent", "Luis Herrera")] });
    expect(coachedAgent(two, "x")).toBe("Luis");
    expect(coachedAgent(two, undefined)).toBe("Ana");
  });

  it("is lost, whatever was held, without a connection", () => {
    expect(statementOf({ kind: "lost", since: 0, heardAt: 0 }, calls, held("barge"), null)).toEqual({ mode: "lost" });
  });
});

describe("the way from what is to what is wanted", () => {
  it("asks one thing at a time, leaving first", () => {
    expect(nextStep(null, null)).toBeNull();
    expect(nextStep(null, { call: "a", mode: "barge" })).toEqual({ kind: "listen", call: "a" });
    expect(nextStep(held("listen"), { call: "a", mode: "barge" })).toMatchObject({ kind: "mode", mode: "barge" });
    expect(nextStep(held("whisper"), { call: "b", mode: "listen" })).toMatchObject({ kind: "leave", call: "a" });
    expect(nextStep(held("whisper"), null)).toMatchObject({ kind: "leave" });
    expect(nextStep(held("whisper"), { call: "a", mode: "whisper" })).toBeNull();
  });

  it("says who may still hear while leaving", () => {
    expect(pendingOf(held("barge"), null)).toEqual({ kind: "leaving", call: "a", from: "barge", to: "off" });
    expect(pendingOf(held("barge"), { call: "a", mode: "whisper" })).toMatchObject({
      kind: "leaving",
      from: "barge",
      to: "whisper",
    });
    expect(pendingOf(held("listen"), { call: "a", mode: "listen" })).toBeNull();
  });

  it("knows a granted step by the revision that its answer named", () => {
    const step = { kind: "mode", call: "a", leg: "own", mode: "whisper" } as const;
    expect(reflected(step, 7, new Map([["a", aCall("a", { revision: 6 })]]))).toBe(false);
    expect(reflected(step, 7, new Map([["a", aCall("a", { revision: 7 })]]))).toBe(true);
    expect(reflected(step, 7, new Map())).toBe(true);
  });

  it("adopts what the server makes quieter, and resists what it makes louder", () => {
    expect(adopted(held("barge"), held("listen"), { call: "a", mode: "barge" })).toEqual({ call: "a", mode: "listen" });
    expect(adopted(held("listen"), held("barge"), { call: "a", mode: "listen" })).toEqual({
      call: "a",
      mode: "listen",
    });
    expect(adopted(held("listen"), null, { call: "a", mode: "whisper" })).toBeNull();
    expect(adopted(held("listen"), null, { call: "b", mode: "listen" })).toEqual({ call: "b", mode: "listen" });
  });
});
