import { describe, expect, it } from "vitest";
import type { CallView, MediaFault, TalkView } from "../../../wire/generated";
import type { Entry } from "./entry";
import { type Around, DEFAULT_THRESHOLDS, NO_ALERTS, nextAlerts, putAway, type Sign, signsOf } from "./signs";

const NOW = 1_000_000_000;
const QUIET: TalkView = {
  caller_share: 0.5,
  talk_over: 0.02,
  dead_air: 0.1,
  silent_ms: 0,
  caller_raised: false,
  agent_raised: false,
};
const around: Around = { thresholdsOf: () => DEFAULT_THRESHOLDS, heldSince: new Map(), now: NOW, me: "sam" };

function call(change: Partial<CallView> = {}): Entry {
  const leg = (id: string, role: "caller" | "agent") => ({ id, user: id, name: id, role, muted: false, lost: false });
  const view = {
    id: "c1",
    state: "active",
    queue: "support",
    caller: { name: "Marek Novak" },
    legs: [leg("marek", "caller"), leg("ana", "agent")],
    held: false,
    placed_at: NOW - 300_000,
    talk: QUIET,
    ...change,
  };
  return { kind: "call", id: view.id, call: view as unknown as CallView };
}

const kinds = (entry: Entry, with_: Partial<Around> = {}) =>
  signsOf([entry], { ...around, ...with_ }).map(({ kind, figure }) => [kind, figure]);

describe("signs", () => {
  it("are none of a call that goes well", () => {
    expect(kinds(call())).toEqual([]);
  });

  it("begin at the threshold and not before, each with its figure", () => {
    expect(kinds(call({ talk: { ...QUIET, silent_ms: 19_999 } }))).toEqual([]);
    expect(kinds(call({ talk: { ...QUIET, silent_ms: 20_000 } }))).toEqual([["dead_air", 20]]);
    expect(kinds(call({ talk: { ...QUIET, talk_over: 0.24 } }))).toEqual([]);
    expect(kinds(call({ talk: { ...QUIET, talk_over: 0.25 } }))).toEqual([["talk_over", 25]]);
    const held = (s: number) => ({ heldSince: new Map([["c1", NOW - s * 1000]]) });
    expect(kinds(call({ held: true }), held(119))).toEqual([]);
    expect(kinds(call({ held: true }), held(120))).toEqual([["hold", 120]]);
  });

  it("have a queue's own thresholds", () => {
    const thresholdsOf = (queue: string | undefined) => ({
      ...DEFAULT_THRESHOLDS,
      deadAirS: queue === "support" ? 60 : 20,
    });
    const talk = { ...QUIET, silent_ms: 30_000 };
    expect(kinds(call({ talk }), { thresholdsOf })).toEqual([]);
    expect(kinds(call({ talk, queue: "sales" }), { thresholdsOf })).toEqual([["dead_air", 30]]);
  });

  it("are of a party's sound that goes one way, and of a microphone that gives none or too much", () => {
    const [marek, ana] = (call() as Extract<Entry, { kind: "call" }>).call.legs;
    const legs = (fault: MediaFault, change = {}) => [marek, { ...ana, fault, ...change }] as CallView["legs"];
    expect(kinds(call({ legs: legs("nothing_received") }))).toEqual([["one_way", null]]);
    expect(kinds(call({ legs: legs("nothing_arrives") }))).toEqual([["one_way", null]]);
    expect(kinds(call({ legs: legs("digital_silence") }))).toEqual([["microphone", null]]);
    expect(kinds(call({ legs: legs("clipping") }))).toEqual([["microphone", null]]);
    // The same reason is told once.
    expect(kinds(call({ legs: legs("nothing_received", { lost: true }) }))).toEqual([["quality", null]]);
    expect(kinds(call({ legs: legs("clipping", { role: "supervisor" }) }))).toEqual([]);
  });

  it("are of the caller's voice, and never of the agent's", () => {
    expect(kinds(call({ talk: { ...QUIET, caller_raised: true } }))).toEqual([["raised", null]]);
    expect(kinds(call({ talk: { ...QUIET, agent_raised: true } }))).toEqual([]);
  });

  it("are none of the talk of a call on hold, nor of one at which the supervisor is already", () => {
    expect(kinds(call({ held: true, talk: { ...QUIET, silent_ms: 90_000, caller_raised: true } }))).toEqual([]);
    const entry = call({ talk: { ...QUIET, silent_ms: 90_000 } });
    const legs = entry.kind === "call" ? entry.call.legs : [];
    const sam = { ...legs[0], id: "s", user: "sam", role: "supervisor", mode: "listen" } as (typeof legs)[number];
    expect(kinds(call({ talk: { ...QUIET, silent_ms: 90_000 }, legs: [...legs, sam] }))).toEqual([]);
  });
});

const sign = (id: string, kind: Sign["kind"] = "dead_air"): Sign => ({
  key: `${id} ${kind}`,
  kind,
  id,
  of: "call",
  customer: "Marek",
  agent: "Ana",
  figure: 20,
});
const shown = ({ shown: signs }: typeof NO_ALERTS) => signs.map(({ key }) => key);

describe("alerts", () => {
  const budget = { muted: new Set<Sign["kind"]>(), perHour: 2 };

  it("are raised once, stay while their reason lasts, and go with it", () => {
    let alerts = nextAlerts(NO_ALERTS, [sign("a")], budget, NOW);
    alerts = nextAlerts(alerts, [sign("a")], budget, NOW + 1000);
    expect([shown(alerts), alerts.raised.length]).toEqual([["a dead_air"], 1]);
    expect(shown(nextAlerts(alerts, [], budget, NOW + 2000))).toEqual([]);
  });

  it("keep to the hour's budget, and what was left out does not come later by itself", () => {
    let alerts = nextAlerts(NO_ALERTS, [sign("a"), sign("b"), sign("c")], budget, NOW);
    expect(shown(alerts)).toEqual(["a dead_air", "b dead_air"]);
    alerts = nextAlerts(alerts, [sign("c")], budget, NOW + 3_600_001);
    expect(shown(alerts)).toEqual([]);
    alerts = nextAlerts(nextAlerts(alerts, [], budget, NOW + 3_600_002), [sign("c")], budget, NOW + 3_600_003);
    expect(shown(alerts)).toEqual(["c dead_air"]);
  });

  it("leave out what is muted, and stay away once put away", () => {
    const muted = { ...budget, muted: new Set<Sign["kind"]>(["talk_over"]) };
    let alerts = nextAlerts(NO_ALERTS, [sign("a"), sign("b", "talk_over")], muted, NOW);
    expect(shown(alerts)).toEqual(["a dead_air"]);
    alerts = putAway(alerts, "a dead_air");
    expect(shown(alerts)).toEqual([]);
    expect(shown(nextAlerts(alerts, [sign("a")], muted, NOW + 1000))).toEqual([]);
    expect(shown(nextAlerts(alerts, [sign("b", "talk_over")], budget, NOW + 1000))).toEqual(["b talk_over"]);
  });
});
