import { describe, expect, it } from "vitest";
import { aCall, aLeg, aSnapshot, supervised } from "../testing/wire";
import type { CallView, Envelope, HelpView } from "../wire/generated";
import type { StreamMessage } from "../wire/stream";
import { reduce } from "./reduce";
import { INITIAL_STATE, type LiveState } from "./state";

function after(state: LiveState, ...envelopes: StreamMessage[]): LiveState {
  for (const envelope of envelopes) {
    const reduced = reduce(state, envelope);
    if (reduced.kind === "gap") throw new Error(`gap at ${envelope.seq}`);
    state = reduced.state;
  }
  return state;
}

const start = (...calls: ReturnType<typeof aCall>[]) => after(INITIAL_STATE, aSnapshot(calls));

describe("the reducer", () => {
  it("is live with the snapshot and not before", () => {
    expect(INITIAL_STATE.connection.kind).toBe("connecting");
    const state = start(aCall("a"));
    expect(state.connection.kind).toBe("live");
    expect([...state.calls.keys()]).toEqual(["a"]);
  });

  it("replaces a call as a whole", () => {
    const state = after(start(aCall("a", { held: true })), { type: "leg.changed", seq: 1, at: 1, call: aCall("a") });
    expect(state.calls.get("a")?.held).toBe(false);
  });

  it("learns of an agent's echo, and of its end, with the call", () => {
    const legs = [aLeg("c", "caller", "Marek"), aLeg("g", "agent", "Ana", { echo: true })];
    const changed = (seq: number, call: CallView): Envelope => ({ type: "leg.changed", seq, at: seq, call });
    const loud = after(start(aCall("a")), changed(1, aCall("a", { legs })));
    expect(loud.calls.get("a")?.legs.map((leg) => leg.echo ?? false)).toEqual([false, true]);
    const quiet = after(loud, changed(2, aCall("a")));
    expect(quiet.calls.get("a")?.legs.some((leg) => leg.echo)).toBe(false);
  });

  it("tells a gap, a repeat, and anything before the snapshot", () => {
    const update = (seq: number): Envelope => ({ type: "call.updated", seq, at: 1, call: aCall("a") });
    expect(reduce(start(), update(2)).kind).toBe("gap");
    expect(reduce(after(start(), update(1)), update(1)).kind).toBe("gap");
    expect(reduce(INITIAL_STATE, update(0)).kind).toBe("gap");
    expect(reduce(start(), update(1)).kind).toBe("ok");
  });

  it("forgets an ended call with its marks and its offer", () => {
    const call = aCall("a");
    const state = after(
      start(call),
      { type: "call.offered", seq: 1, at: 1, call, expires_at: 9 },
      {
        type: "supervision.started",
        seq: 2,
        at: 2,
        call: supervised(call, "listen"),
        leg: aLeg("own", "supervisor", "Sam", { mode: "listen", mode_since: 2 }),
      },
      { type: "call.ended", seq: 3, at: 3, call: { ...call, state: "ended" } },
    );
    expect(state.calls.size).toBe(0);
    expect(state.marks.size).toBe(0);
    expect(state.offer).toBeNull();
  });

  it("marks each mode once, at the time since when it holds", () => {
    const call = supervised(aCall("a"), "listen");
    const leg = aLeg("own", "supervisor", "Sam", { user: "me", mode: "listen", mode_since: 100 });
    const state = after(
      start(),
      { type: "supervision.started", seq: 1, at: 130, call, leg },
      { type: "supervision.ended", seq: 2, at: 200, call: aCall("a"), leg },
    );
    expect(state.marks.get("a")).toEqual([
      { kind: "mode", at: 100, user: "me", mode: "listen" },
      { kind: "mode", at: 200, user: "me", mode: "off" },
    ]);
    // A reconnect tells the same again.
    const again = after(state, aSnapshot([{ ...call, legs: [leg] }], 300));
    expect(again.marks.get("a")?.filter((mark) => mark.at === 100)).toHaveLength(1);
  });

  it("ends the mode of who left while nothing was heard", () => {
    const leg = aLeg("own", "supervisor", "Sam", { user: "me", mode: "whisper", mode_since: 100 });
    const whispering = after(start(), {
      type: "supervision.started",
      seq: 1,
      at: 120,
      call: supervised(aCall("a"), "whisper"),
      leg,
    });
    expect(
      after(whispering, aSnapshot([aCall("a")], 900))
        .marks.get("a")
        ?.at(-1),
    ).toEqual({ kind: "mode", at: 120, user: "me", mode: "off" });
  });

  it("marks a help request once, however often the call is told", () => {
    const request: HelpView = { leg: "agent", agent: "Ana", state: "open", requested_at: 50 };
    const call = aCall("a", { help: request });
    const changed = { type: "help.changed" as const, call, request };
    const state = after(start(), { ...changed, seq: 1, at: 60 }, { ...changed, seq: 2, at: 70 });
    expect(state.marks.get("a")).toEqual([{ kind: "help", at: 50 }]);
  });

  it("takes moods for the calls that it knows", () => {
    const talk = {
      caller_share: 0.6,
      talk_over: 0.1,
      dead_air: 0,
      silent_ms: 0,
      caller_raised: true,
      agent_raised: false,
    };
    const mood = { value: -0.2, trend: -1 };
    const state = after(start(aCall("a")), {
      type: "moods",
      at: 10,
      calls: [
        { call: "a", mood, talk },
        { call: "gone", mood, talk },
      ],
    });
    expect(state.calls.get("a")).toEqual({ ...aCall("a"), mood, talk });
    expect(state.calls.size).toBe(1);
    expect(state.seq).toBe(0);
  });

  it("does not change the state that it was given", () => {
    const before = start(aCall("a"));
    const calls = before.calls;
    after(before, { type: "call.ended", seq: 1, at: 1, call: aCall("a") });
    expect(before.calls).toBe(calls);
    expect(calls.has("a")).toBe(true);
  });

  it("passes over what a newer server may send", () => {
    const unknown: StreamMessage = { type: "unknown", seq: 1, at: 1 };
    const state = after(start(aCall("a")), unknown);
    expect([state.calls.size, state.seq]).toEqual([1, 1]);
  });
});
