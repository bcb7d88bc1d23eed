import { describe, expect, it } from "vitest";
import type { CallView, Envelope, LegView } from "../../wire/generated";
import { changes, endingOf, heard, others, present, type Told } from "./state";

const leg = (id: string, role: LegView["role"], name = id): LegView => ({
  id,
  user: id,
  name,
  role,
  muted: false,
  lost: false,
  joined_at: 0,
});
const OWN = leg("own", "caller", "Marek");
const ANA = leg("ana", "agent", "Ana");
const call = (more: Partial<CallView> = {}): CallView => ({
  id: "c",
  state: "waiting",
  caller: { name: "Marek" },
  legs: [OWN],
  held: false,
  placed_at: 0,
  own_leg: "own",
  ...more,
});
const message = (event: object): Envelope => ({ at: 1, seq: 1, ...event }) as Envelope;
const NONE: Told = { kind: "none" };

describe("the caller's call", () => {
  it("is replaced by each message that concerns it, and by no other", () => {
    const active = call({ state: "active", legs: [OWN, ANA] });
    const told = heard({ kind: "going", call: call() }, message({ type: "call.started", call: active }), "c");
    expect(told).toEqual({ kind: "going", call: active });
    expect(heard(told, message({ type: "call.updated", call: call({ id: "other" }) }), "c")).toBe(told);
  });

  it("is over with its end, and stays over", () => {
    const over = heard(
      { kind: "going", call: call() },
      message({ type: "call.ended", call: call({ state: "ended", end_reason: "no_agent" }) }),
      "c",
    );
    expect(over.kind).toBe("over");
    expect(heard(over, message({ type: "call.updated", call: call() }), "c").kind).toBe("over");
  });

  it("is over when a reconnected stream no longer knows it", () => {
    const snapshot = message({
      type: "snapshot",
      calls: [],
      agents: [],
      me: {},
      policy: { notify_agent_on_listen: false },
    });
    expect(heard({ kind: "going", call: call() }, snapshot, "c").kind).toBe("over");
    expect(heard(NONE, snapshot, null)).toBe(NONE);
  });

  it("names who is at the other end, and who came", () => {
    const alone = others(call({ legs: [OWN, ANA] }));
    const joined = others(call({ legs: [OWN, ANA, leg("sam", "agent", "Sam")] }));
    expect(alone.map(({ name }) => name)).toEqual(["Ana"]);
    expect(changes(alone, joined)).toEqual({ joined: ["Sam"], left: [] });
    expect(changes(joined, alone)).toEqual({ joined: [], left: ["Sam"] });
  });

  it("tells how it ended", () => {
    expect(endingOf(call({ end_reason: "agent" }), false)).toBe("done");
    expect(endingOf(call({ end_reason: "no_agent" }), false)).toBe("nobody");
    expect(endingOf(call({ end_reason: "agent" }), true)).toBe("byYou");
    expect(endingOf(call(), false)).toBe("lost");
  });
});

describe("who is with the caller", () => {
  const sam = { ...leg("sam", "agent", "Sam"), role: "admin" as const };
  const names = (held: boolean, people: LegView[]) => {
    const { heard: with_, apart } = present(call({ state: "active", held, legs: [OWN, ...people] }));
    return [with_.map(({ name }) => name), apart.map(({ name }) => name)];
  };

  it("is everybody, but the agents on hold: whoever else has joined is heard on", () => {
    expect(names(false, [ANA, sam])).toEqual([["Ana", "Sam"], []]);
    expect(names(true, [ANA, sam])).toEqual([["Sam"], ["Ana"]]);
    expect(names(true, [ANA])).toEqual([[], ["Ana"]]);
  });

  it("is whoever has taken over, and not the agents, on hold or not", () => {
    const taker = { ...sam, mode: "take_over" as const };
    for (const held of [false, true]) expect(names(held, [ANA, taker])).toEqual([["Sam"], ["Ana"]]);
  });
});
