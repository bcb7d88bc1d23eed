import { describe, expect, it } from "vitest";
import { aCall } from "../../../testing/wire";
import { askingAgent, countsOf, newestHelp, requestKey } from "./counts";

describe("the tiles", () => {
  it("count live and waiting calls, and agents who are there", () => {
    const agent = (state: "ready" | "active" | "offline" | "not_ready") => ({ user: state, name: state, queues: [], state, since: 0 });
    const calls = [aCall("a"), aCall("b", { held: true }), aCall("c", { state: "waiting", placed_at: 7 }), aCall("d", { state: "ringing", placed_at: 5 })];
    expect(countsOf(calls, [agent("ready"), agent("active"), agent("offline"), agent("not_ready")])).toEqual({
      calls: 2, held: 1, waiting: 2, waitingSince: 5, agents: 3, ready: 1, active: 1,
    });
  });

  it("show the newest request that nobody has taken up or put off", () => {
    const help = (at: number, by?: string) => ({ leg: "agent", agent: "Ana", state: by ? "in_progress" as const : "open" as const, requested_at: at, ...(by ? { taken_by: { user: by, name: by } } : {}) });
    const [old, fresh, taken] = [aCall("a", { help: help(1) }), aCall("b", { help: help(2) }), aCall("c", { help: help(3, "mei") })];
    expect(newestHelp([old, fresh, taken], new Set())).toEqual({ open: fresh, taken });
    expect(askingAgent(old)).toBe("Ana Duarte");
    expect(newestHelp([old, fresh, taken], new Set([requestKey(fresh)])).open).toBe(old);
  });
});
