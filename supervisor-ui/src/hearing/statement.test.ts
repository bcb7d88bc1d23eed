import fc from "fast-check";
import i18next from "i18next";
import { describe, expect, it } from "vitest";
import { aCall, aLeg, ME, supervised } from "../testing/wire";
import type { CallView, LegView, Mode } from "../wire/generated";
import { agentsColumns, supervisorsColumns } from "./columns";
import { planOf } from "./plan";
import { heardByWords, pictureWords, youHearWords } from "./sentences";
import { type Link, preview, statement } from "./statement";
import { litWires } from "./Wires";

const t = i18next.getFixedT("en", "hearing");
const MODES: readonly Mode[] = ["listen", "whisper", "barge", "take_over"];
const HERE: Link = { connected: true, here: true, sound: "up", silent: false };

/** The table of the server's rule (`RoutePlan::derive`), written down a second time. */
function oracle(call: CallView, listener: LegView, source: LegView): "yes" | "no" | "perhaps" {
  if (listener.id === source.id || source.muted) return "no";
  const parted = (one: LegView, other: LegView) =>
    one.consulted_by !== undefined && other.role !== "supervisor" && other.id !== one.consulted_by;
  if (parted(listener, source) || parted(source, listener)) return "no";
  const taken = call.legs.some(({ mode }) => mode === "take_over");
  const consult = listener.consulted_by === source.id || source.consulted_by === listener.id;
  if (taken && source.role === "agent" && !consult) return "no";
  const deaf = taken && call.agents_apart === true;
  const held = call.held && !taken;
  const row = `${listener.role} < ${source.role}${source.mode ? ` ${source.mode}` : ""}`;
  const table: Record<string, "yes" | "no" | "perhaps"> = {
    "caller < agent": held ? "no" : "yes",
    "agent < caller": held || deaf ? "no" : "yes",
    "agent < agent": "yes",
    "supervisor < caller": "yes",
    "supervisor < agent": "yes",
    "caller < supervisor barge": "yes",
    "caller < supervisor take_over": "yes",
    "agent < supervisor barge": deaf ? "no" : "yes",
    "agent < supervisor take_over": deaf ? "no" : "yes",
    "supervisor < supervisor barge": "yes",
    "supervisor < supervisor take_over": "yes",
    "agent < supervisor whisper": source.coach === listener.id ? "yes" : "no",
    "supervisor < supervisor whisper": "perhaps",
  };
  return table[row] ?? "no";
}

/** Everybody is called by another name, so that a sentence says whom it means. */
const AGENTS = ["Ana Duarte", "Luis Herrera", "Bea Wolff"];
const OTHERS = ["Mei Tanaka", "Kenji Ito"];

interface Shape {
  agents: { muted: boolean; consulted: boolean }[];
  others: { mode: Mode; coach: number }[];
  own: { mode: Mode; coach: number } | null;
  viewer: "supervisor" | "agent";
  held: boolean;
  apart: boolean;
  callerMuted: boolean;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  agents: fc.array(fc.record({ muted: fc.boolean(), consulted: fc.boolean() }), { maxLength: 3 }),
  others: fc.array(fc.record({ mode: fc.constantFrom(...MODES), coach: fc.nat(2) }), { maxLength: 2 }),
  own: fc.option(fc.record({ mode: fc.constantFrom(...MODES), coach: fc.nat(2) })),
  viewer: fc.constantFrom("supervisor", "agent"),
  held: fc.boolean(),
  apart: fc.boolean(),
  callerMuted: fc.boolean(),
});

const links: fc.Arbitrary<Link> = fc.record({
  connected: fc.boolean(),
  here: fc.boolean(),
  sound: fc.constantFrom("up", "down"),
  silent: fc.boolean(),
});

function callOf({ agents, others, own, viewer, held, apart, callerMuted }: Shape): CallView {
  const legs = [
    aLeg("caller", "caller", "Marek Novák", { muted: callerMuted }),
    ...agents.map(({ muted, consulted }, index) =>
      aLeg(`agent${index}`, "agent", AGENTS[index] ?? "", {
        muted,
        ...(consulted && index > 0 && { consulted_by: "agent0" }),
      }),
    ),
  ];
  const supervisor = (id: string, name: string, { mode, coach }: { mode: Mode; coach: number }) => {
    const coached = agents[coach] ? `agent${coach}` : "agent0";
    return aLeg(id, "supervisor", name, { mode, ...(mode === "whisper" && { coach: coached }) });
  };
  const there = others.map((other, index) => supervisor(`other${index}`, OTHERS[index] ?? "", other));
  if (viewer === "agent") {
    // An agent is told of who coaches them and of who has joined, and of nobody else.
    const known = there.filter(({ mode, coach }) => mode === "barge" || mode === "take_over" || coach === "agent0");
    return aCall("a", {
      legs: [...legs, ...known],
      held,
      agents_apart: apart,
      ...(agents.length > 0 && { own_leg: "agent0" }),
    });
  }
  const mine = own ? [supervisor("own", ME.name, own)] : [];
  return aCall("a", { legs: [...legs, ...there, ...mine], held, agents_apart: apart, ...(own && { own_leg: "own" }) });
}

type Claims = Map<string, "yes" | "no" | "perhaps">;

/** What sentences claim, read back out of their words. Two that contradict each other are an error. */
function claimsOf(text: string, call: CallView): Claims {
  const claims: Claims = new Map();
  const own = call.own_leg ?? "nobody";
  const legOf = (name: string) =>
    name === "you"
      ? own
      : (call.legs.find((leg) => leg.name === name || leg.name.startsWith(`${name} `))?.id ?? `? ${name}`);
  const legsOf = (names: string) => names.split(/, | and /).map(legOf);
  const claim = (listener: string, source: string, how: "yes" | "no" | "perhaps") => {
    const key = `${listener} < ${source}`;
    const before = claims.get(key);
    if (before !== undefined && before !== how) throw new Error(`"${text}" contradicts itself about ${key}`);
    claims.set(key, how);
  };
  const all = call.legs.map(({ id }) => id);
  const only = (listeners: string[], sources: string[], sure: string[], turned: "listeners" | "sources") =>
    listeners.forEach((listener) =>
      sources.forEach((source) => {
        const named = sure.includes(turned === "sources" ? source : listener);
        if (listener !== source) claim(listener, source, named ? "yes" : "no");
      }),
    );
  for (const sentence of text.split(/(?<=\.) /).map((part) => part.replace(/\.$/, ""))) {
    if (sentence === "Who hears whom") continue;
    const hears = /^(.+) hears (no one|.+?)(?: only)?$/.exec(sentence);
    const hear = /^You hear (.+)$/.exec(sentence);
    const heard = /^(Nobody|Everyone|Only .+?)(?: hears?| will hear) you(?:,(?: but)? perhaps (.+?)(?: too)?)?$/.exec(
      sentence,
    );
    if (heard) {
      const who = heard[1] ?? "";
      const perhaps = heard[2] ? legsOf(heard[2]) : [];
      const sure = who === "Nobody" ? [] : who === "Everyone" ? all : legsOf(who.slice("Only ".length));
      perhaps.forEach((leg) => claim(leg, own, "perhaps"));
      only(
        all.filter((leg) => !perhaps.includes(leg)),
        [own],
        sure,
        "listeners",
      );
    } else if (hear) {
      const coaches = (leg: LegView) => leg.mode !== "whisper" || leg.coach === own;
      const others = call.legs.filter((leg) => leg.id !== own && leg.mode !== "listen" && coaches(leg));
      const whom = hear[1] ?? "";
      if (whom === "both" && others.length !== 2) throw new Error(`"both" of ${others.length}`);
      const named =
        whom === "nobody" ? [] : whom === "both" || whom === "everyone" ? others.map(({ id }) => id) : legsOf(whom);
      only(
        [own],
        others.map(({ id }) => id),
        named,
        "sources",
      );
    } else if (hears) {
      const sources = call.legs.filter(({ mode, role }) => role !== "supervisor" || mode !== "whisper");
      const named = hears[2] === "no one" ? [] : legsOf(hears[2] ?? "");
      only(
        [legOf(hears[1] ?? "")],
        sources.map(({ id }) => id),
        named,
        "sources",
      );
    } else {
      throw new Error(`nobody knows what "${sentence}" claims`);
    }
  }
  return claims;
}

/** What the page's words say of the call that is not so. */
function wrongIn(call: CallView, link: Link): string[] {
  const said = statement(call, link);
  // Without news of the server nothing is said of who hears whom.
  if (said.kind === "lost") return link.connected ? ["lost, with a connection"] : [];
  const words = pictureWords(t, said);
  if (said.kind !== "here")
    return /(You hear nobody\. Nobody hears you|You hear nobody here\. Nobody hears you here)\.$/.test(words)
      ? []
      : [words];
  const own = call.own_leg ?? "";
  const cut = link.sound === "down";
  return [...claimsOf(words, call)].flatMap(([pair, how]) => {
    const [listener = "", source = ""] = pair.split(" < ");
    const [to, from] = [call.legs.find(({ id }) => id === listener), call.legs.find(({ id }) => id === source)];
    if (!to || !from) return [`${pair}: somebody who is not on the call`];
    const closed = (cut && listener === own) || ((link.silent || cut) && source === own);
    const right = closed ? "no" : oracle(call, to, from);
    return how === right ? [] : [`${pair} is "${right}": ${words}`];
  });
}

describe("what a page says of who hears whom", () => {
  it("is the server's rule, for any number of parties", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const call = callOf(shape);
        const plan = planOf(call);
        for (const listener of call.legs) {
          for (const source of call.legs) {
            expect(plan.hears(listener.id, source.id)).toBe(oracle(call, listener, source));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never contradicts itself or the plan, in no state and at no place", () => {
    fc.assert(
      fc.property(shapes, links, (shape, link) => {
        expect(wrongIn(callOf(shape), link)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("lights a wire exactly where somebody at its end hears somebody at its beginning", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const call = callOf(shape);
        const plan = planOf(call);
        const columns = shape.viewer === "agent" ? agentsColumns(plan) : supervisorsColumns(plan);
        const wires = litWires(plan, columns);
        const legs = (party: { leg: string }) => call.legs.find(({ id }) => id === party.leg) as LegView;
        const any = (to: readonly { leg: string }[], from: readonly { leg: string }[]) =>
          to.some((listener) => from.some((source) => oracle(call, legs(listener), legs(source)) === "yes"));
        expect(wires.rightToLeft).toBe(any(columns.left, columns.right));
        expect(wires.rightToMiddle).toBe(any(columns.middle, columns.right));
        expect(wires.leftToRight).toBe(any(columns.right, columns.left));
        expect(wires.middleToLeft).toBe(any(columns.left, columns.middle));
      }),
    );
  });

  it("never lets a caller hear a supervisor who has not barged", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom("listen", "whisper" as const), (shape, mode) => {
        const call = callOf({ ...shape, viewer: "supervisor", own: { mode, coach: 0 } });
        const said = preview(call, mode);
        expect(said.heardBy.sure.some(({ role }) => role === "caller")).toBe(false);
        expect(said.heardBy.perhaps.some(({ role }) => role === "caller")).toBe(false);
      }),
    );
  });
});

describe("the sentences", () => {
  const conference = aCall("a", {
    legs: [aLeg("c", "caller", "Ingeborg Lind"), aLeg("g", "agent", "Ana Duarte"), aLeg("h", "agent", "Luis Herrera")],
  });
  const words = (call: CallView) => {
    const said = statement(call, HERE);
    return said.kind === "lost" ? "" : pictureWords(t, said);
  };

  it("name every agent of a conference", () => {
    expect(words(supervised(conference, "barge"))).toBe(
      "Who hears whom. Ingeborg Lind hears Ana, Luis and you. Ana Duarte hears Ingeborg, Luis and you. " +
        "Luis Herrera hears Ingeborg, Ana and you. You hear everyone. Everyone hears you.",
    );
    expect(words({ ...conference, own_leg: "g" })).toContain("You hear both. Everyone hears you.");
  });

  it("tell of a consultation who is apart", () => {
    const [caller, ana, luis] = conference.legs as [LegView, LegView, LegView];
    const consulting = { ...conference, held: true, legs: [caller, ana, { ...luis, consulted_by: "g" }] };
    expect(words({ ...consulting, own_leg: "g" })).toBe(
      "Who hears whom. Ingeborg Lind hears no one. Luis Herrera hears you only. You hear Luis. Only Luis hears you.",
    );
    expect(words(supervised(consulting, "listen"))).toContain("Ingeborg Lind hears no one.");
  });

  it("hear nobody but the caller while a call is transferred and nobody has answered", () => {
    const parked = supervised({ ...conference, state: "ringing", legs: conference.legs.slice(0, 1) }, "listen");
    expect(words(parked)).toBe("Who hears whom. Ingeborg Lind hears no one. You hear Ingeborg. Nobody hears you.");
  });

  it("say that other supervisors may hear a whisper", () => {
    const two = {
      ...conference,
      legs: [...conference.legs, aLeg("m", "supervisor", "Mei Tanaka", { mode: "listen" })],
    };
    const said = preview(two, "whisper");
    expect(heardByWords(t, said.heardBy)).toBe("Only Ana hears you, perhaps Mei too");
  });

  it("say nothing of a page without sound but that nobody hears it", () => {
    const said = statement(supervised(conference, "barge"), { ...HERE, sound: "down" });
    if (said.kind !== "here") throw new Error("the server stands");
    expect(heardByWords(t, said.heardBy)).toBe("Nobody hears you");
    expect(youHearWords(t, said.plan)).toBe("You hear nobody");
  });

  it("call two of one first name by their whole names", () => {
    const legs = [...conference.legs.slice(0, 2), aLeg("h", "agent", "Ana Petrova")];
    expect(words(supervised({ ...conference, legs }, "listen"))).toContain(
      "Ingeborg Lind hears Ana Duarte and Ana Petrova.",
    );
  });
});
