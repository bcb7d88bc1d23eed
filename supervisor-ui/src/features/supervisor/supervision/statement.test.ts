import { describe, expect, it } from "vitest";
import type { Connection } from "../../../live/state";
import { aConversation } from "../../../testing/text";
import { aCall, aLeg, supervised } from "../../../testing/wire";
import { coachedAgent } from "../model/call";
import { statementOf, thereOf, whomInText, whomOnCall } from "./statement";
import { adopted, type Held, nextStep, pendingOf, reflected } from "./plan";

const LIVE: Connection = { kind: "live" };
const held = (mode: Held["mode"], at = "a"): Held => ({ at, mode });

describe("the statement", () => {
  const calls = new Map([["a", aCall("a")]]);
  const whom = (at: string) => whomOnCall(calls.get(at));

  it("says what is held, not what is wanted", () => {
    const pending = pendingOf(held("listen"), { at: "a", mode: "barge" });
    expect(statementOf(LIVE, held("listen"), pending, whom)).toEqual({
      mode: "listen",
      at: "a",
      whom: "Ana",
      perhaps: [],
      pending: { kind: "asking", at: "a", mode: "barge" },
    });
    expect(statementOf(LIVE, null, { kind: "asking", at: "a", mode: "listen" }, whom).mode).toBe("off");
  });

  it("names the coached agent", () => {
    expect(statementOf(LIVE, held("whisper"), null, whom)).toMatchObject({ mode: "whisper", whom: "Ana" });
    const two = aCall("a", { legs: [aLeg("agent", "agent", "Ana Duarte"), aLeg("x", "agent", "Luis Herrera")] });
    expect(coachedAgent(two, "x")).toBe("Luis");
    expect(coachedAgent(two, undefined)).toBe("Ana");
  });

  it("names the customer of a conversation", () => {
    expect(whomInText(aConversation("a")).whom).toBe("Daniel");
  });

  it("says what another place of the user's does, and that it is another place", () => {
    const whispering = supervised(aCall("b"), "whisper");
    const there = thereOf([aCall("a"), whispering], null);
    expect(statementOf(LIVE, null, null, () => whomOnCall(whispering), there)).toEqual({
      mode: "elsewhere",
      there: "whisper",
      at: "b",
      leg: "own",
      whom: "Ana",
      pending: null,
    });
    expect(thereOf([whispering], held("whisper", "b"))).toBeNull();
  });

  it("is lost, whatever was held, without a connection", () => {
    expect(statementOf({ kind: "lost", since: 0, heardAt: 0 }, held("barge"), null, whom)).toEqual({ mode: "lost" });
  });
});

describe("the way from what is to what is wanted", () => {
  it("asks one thing at a time, leaving first", () => {
    expect(nextStep(null, null)).toBeNull();
    expect(nextStep(null, { at: "a", mode: "barge" })).toEqual({ kind: "listen", at: "a" });
    expect(nextStep(held("listen"), { at: "a", mode: "barge" })).toMatchObject({ kind: "mode", mode: "barge" });
    expect(nextStep(held("whisper"), { at: "b", mode: "listen" })).toMatchObject({ kind: "leave", at: "a" });
    expect(nextStep(held("whisper"), null)).toMatchObject({ kind: "leave" });
    expect(nextStep(held("whisper"), { at: "a", mode: "whisper" })).toBeNull();
  });

  it("says who may still hear while leaving", () => {
    expect(pendingOf(held("barge"), null)).toEqual({ kind: "leaving", at: "a", from: "barge", to: "off" });
    expect(pendingOf(held("barge"), { at: "a", mode: "whisper" })).toMatchObject({
      kind: "leaving",
      from: "barge",
      to: "whisper",
    });
    expect(pendingOf(held("listen"), { at: "a", mode: "listen" })).toBeNull();
  });

  it("knows a granted step by the revision that its answer named", () => {
    const step = { kind: "mode", at: "a", mode: "whisper" } as const;
    expect(reflected(step, held("listen"), 7, 6)).toBe(false);
    expect(reflected(step, held("whisper"), 7, 7)).toBe(true);
    expect(reflected(step, null, 7, undefined)).toBe(true);
  });

  it("knows that it has left once the server tells of nothing more", () => {
    const step = { kind: "leave", at: "a" } as const;
    expect(reflected(step, held("listen"), undefined, 9)).toBe(false);
    expect(reflected(step, null, undefined, 9)).toBe(true);
  });

  it("adopts what the server makes quieter, and resists what it makes louder", () => {
    expect(adopted(held("barge"), held("listen"), { at: "a", mode: "barge" })).toEqual({ at: "a", mode: "listen" });
    expect(adopted(held("listen"), held("barge"), { at: "a", mode: "listen" })).toEqual({
      at: "a",
      mode: "listen",
    });
    expect(adopted(held("listen"), null, { at: "a", mode: "whisper" })).toBeNull();
    expect(adopted(held("listen"), null, { at: "b", mode: "listen" })).toEqual({ at: "b", mode: "listen" });
  });
});
