import { describe, expect, it } from "vitest";
import { INITIAL_STATE, type LiveState } from "../../../live/state";
import type { CallView, LegView, Mode, User } from "../../../wire/generated";
import { guestsOf, phaseOf } from "./phase";

const leg = (id: string, role: LegView["role"], more: Partial<LegView> = {}): LegView => ({
  id,
  user: `u-${id}`,
  name: id,
  role,
  muted: false,
  lost: false,
  joined_at: 0,
  ...more,
});
const OWN = leg("own", "agent");
const call = (legs: LegView[], more: Partial<CallView> = {}): CallView => ({
  id: "c",
  state: "active",
  caller: { name: "Marek Novák" },
  legs: [leg("caller", "caller"), OWN, ...legs],
  held: false,
  placed_at: 0,
  answered_at: 1,
  own_leg: "own",
  ...more,
});
const sam = (mode: Mode, coach?: string): LegView =>
  leg("sam", "supervisor", coach === undefined ? { mode } : { mode, coach });
const ME: User = { id: "me", username: "agent1", name: "Ana", role: "agent", permissions: [], teams: [], queues: [] };
const state = (more: Partial<LiveState>): LiveState => ({
  ...INITIAL_STATE,
  connection: { kind: "live" },
  me: ME,
  ...more,
});

describe("where the agent stands", () => {
  it("is on the call that has a leg of the agent's, even while another rings", () => {
    const offer = { call: call([], { id: "other" }), expires_at: 5 };
    const phase = phaseOf(state({ calls: new Map([["c", call([])]]), offer }));
    expect(phase).toMatchObject({ kind: "talking", own: { id: "own" } });
  });

  it("rings, waits, or does not know yet", () => {
    expect(phaseOf(state({ offer: { call: call([]), expires_at: 5 } })).kind).toBe("ringing");
    expect(phaseOf(state({})).kind).toBe("idle");
    expect(phaseOf(INITIAL_STATE).kind).toBe("connecting");
  });

  it("takes no call of somebody else's for its own", () => {
    const { own_leg: _, ...others } = call([]);
    expect(phaseOf(state({ calls: new Map([["c", others]]) })).kind).toBe("idle");
  });
});

describe("whom the agent is told of", () => {
  it("puts the coach before who has joined", () => {
    const kenji = leg("kenji", "supervisor", { mode: "barge" });
    const guests = guestsOf(call([kenji, sam("whisper", "own")]), OWN);
    expect(guests.map(({ leg: { id }, kind }) => [id, kind])).toEqual([
      ["sam", "coaching"],
      ["kenji", "joined"],
    ]);
  });

  it("does not take another agent's coach for its own", () => {
    expect(guestsOf(call([sam("whisper", "colleague")]), OWN)).toEqual([]);
  });

  it("knows nobody where the server names nobody", () => {
    expect(guestsOf(call([]), OWN)).toEqual([]);
  });
});
