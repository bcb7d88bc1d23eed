import { describe, expect, it } from "vitest";
import { aCall, aLeg } from "../../../testing/wire";
import { DEFAULT_SORT, inOrderOf, matches, NO_FILTER, ordered, toggled } from "./rows";

const call = (id: string, caller: string, agent: string, at: number, more = {}) =>
  aCall(id, { caller: { name: caller, number: "+420 601 555 014" }, legs: [aLeg("c", "caller", caller), aLeg("g", "agent", agent)], placed_at: at, answered_at: at, ...more });

const CALLS = [call("1", "Hana Satō", "Yuki", 10), call("2", "Marek Novák", "Ana", 20, { queue: "support" }), call("3", "anna", "Zoe", 30)];
const ids = (calls: { id: string }[]) => calls.map(({ id }) => id).join("");

describe("the table", () => {
  it("finds by caller, agent and number, without accents, case or spaces", () => {
    const found = (text: string) => ids(CALLS.filter((c) => matches(c, { ...NO_FILTER, text })));
    expect(found("novak")).toBe("2");
    expect(found("SATO")).toBe("1");
    expect(found("zoe")).toBe("3");
    expect(found("601555014")).toBe("123");
    expect(found("nobody")).toBe("");
  });

  it("filters by queue, help and waiting", () => {
    const waiting = call("4", "W", "", 1, { state: "waiting", legs: [] });
    const helped = call("5", "H", "A", 1, { help: { leg: "g", agent: "A", state: "open", requested_at: 1 } });
    const all = [...CALLS, waiting, helped];
    expect(ids(all.filter((c) => matches(c, { ...NO_FILTER, queue: "support" })))).toBe("2");
    expect(ids(all.filter((c) => matches(c, { ...NO_FILTER, only: "help" })))).toBe("5");
    expect(ids(all.filter((c) => matches(c, { ...NO_FILTER, only: "waiting" })))).toBe("4");
  });

  it("puts help requests first, then the oldest call", () => {
    const helped = call("9", "H", "A", 99, { help: { leg: "g", agent: "A", state: "open", requested_at: 99 } });
    expect(ids(ordered([...CALLS].reverse().concat(helped), NO_FILTER, DEFAULT_SORT))).toBe("9123");
  });

  it("sorts by a heading, and turns round at the second click", () => {
    const byCaller = toggled(DEFAULT_SORT, "caller");
    expect(ids(ordered(CALLS, NO_FILTER, byCaller))).toBe("312");
    expect(ids(ordered(CALLS, NO_FILTER, toggled(byCaller, "caller")))).toBe("213");
    expect(ids(ordered(CALLS, NO_FILTER, toggled(DEFAULT_SORT, "time")))).toBe("123");
  });

  it("keeps rows in their places, newcomers last", () => {
    const sorted = ordered([...CALLS, call("0", "A", "A", 0)], NO_FILTER, DEFAULT_SORT);
    expect(ids(sorted)).toBe("0123");
    expect(ids(inOrderOf(["3", "1", "2"], sorted))).toBe("3120");
  });

  it("leaves out what has ended", () => {
    expect(ordered([aCall("x", { state: "ended" })], NO_FILTER, DEFAULT_SORT)).toEqual([]);
  });
});
