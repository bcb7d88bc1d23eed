import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../../api/http";
import { LiveStore } from "../../../live/store";
import type { AgentView, CallView, Envelope, LegView, User } from "../../../wire/generated";
import { RINGBACK } from "../../../media/ringer";
import { NoPath } from "../../../media/station";
import { createStore } from "../../../store/store";
import { Desk } from "./desk";

const ME: User = {
  id: "me",
  username: "agent1",
  name: "Ana Duarte",
  role: "agent",
  permissions: [],
  teams: [],
  queues: [],
};
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
const OFFERED: CallView = {
  id: "c",
  state: "ringing",
  queue: "support",
  caller: { name: "Marek Novák" },
  legs: [leg("caller", "caller")],
  held: false,
  placed_at: 1000,
};
const talking = (own: Partial<LegView> = {}): CallView => ({
  ...OFFERED,
  state: "active",
  answered_at: 2000,
  legs: [leg("caller", "caller"), leg("own", "agent", own)],
  own_leg: "own",
});
const dialing = (progress: "calling" | "ringing"): CallView => ({
  ...OFFERED,
  state: "dialing",
  caller: { name: "+4930123456", number: "+4930123456" },
  caller_source: "dialed",
  outbound: { by: { user: "me", name: "Ana" }, progress },
  legs: [leg("own", "agent")],
  own_leg: "own",
});
const presence = (state: AgentView["state"], reason?: string): AgentView => ({
  user: "me",
  name: "Ana",
  queues: [],
  state,
  since: 0,
  ...(reason !== undefined && { reason }),
});

function setUp(calls: CallView[] = []) {
  let emit: (envelope: Envelope) => void = () => undefined;
  let fail: (reason: "media" | "microphone") => void = () => undefined;
  const live = new LiveStore({
    now: () => 0,
    open: (onMessage) => ((emit = onMessage), { close: () => undefined, retryNow: () => undefined }),
  });
  live.start();
  let seq = -1;
  const tell = (event: object, at = 5000) => emit({ seq: (seq += 1), at, ...event } as Envelope);
  const gates: string[] = [];
  const answered: (() => void)[] = [];
  const api = {
    answer: vi.fn(() => new Promise<void>((done) => answered.push(done))),
    dial: vi.fn(() => Promise.resolve(dialing("calling"))),
    order: vi.fn(() => Promise.resolve()),
    lastOrder: vi.fn(() => Promise.resolve()),
    help: vi.fn(() => Promise.resolve()),
    updateLeg: vi.fn(() => Promise.resolve({ leg: "own" })),
    setPresence: vi.fn(() => Promise.resolve()),
  };
  const microphone = { open: vi.fn(() => Promise.resolve({} as MediaStreamTrack)), close: vi.fn() };
  const stationView = createStore({ deviceMuted: false });
  const station = {
    view: stationView,
    outlivesPage: () => false,
    open: vi.fn(() => Promise.resolve("s1")),
    close: vi.fn(),
    unlock: vi.fn(),
    microphone,
    setGate: (gate: string) => gates.push(gate),
    onFailure: (listener: typeof fail) => ((fail = listener), () => undefined),
  };
  const ringer = { start: vi.fn(), stop: vi.fn(), unlock: vi.fn() };
  const desk = new Desk({ user: "me", api, live, station: station as never, ringer });
  const snapshot = (standing: CallView[], state: AgentView["state"] = "ready") => {
    seq = -1;
    const policy = { notify_agent_on_listen: false };
    tell({ type: "snapshot", me: ME, calls: standing, agents: [presence(state)], policy });
  };
  snapshot(calls);
  const ring = () => tell({ type: "call.offered", call: OFFERED, expires_at: 25_000 });
  const answer = async () => {
    ring();
    const accepted = desk.accept();
    await vi.waitFor(() => expect(answered).toHaveLength(1));
    tell({ type: "call.offer_ended", call: "c" });
    tell({ type: "call.started", call: talking() });
    answered[0]?.();
    await accepted;
  };
  return {
    desk,
    tell,
    ring,
    answer,
    answered,
    snapshot,
    stationView,
    api,
    station,
    microphone,
    ringer,
    gate: () => gates.at(-1),
    fail: (reason: "media" | "microphone") => fail(reason),
  };
}

beforeEach(() => sessionStorage.clear());

describe("a call that is handed over", () => {
  const handover = {
    id: "h",
    kind: "transfer",
    from: { user: "me", name: "Ana" },
    to: { queue: "sales" },
    to_name: "Sales",
    requested_at: 0,
  };
  const own = { ...talking().legs[1] };

  it("says so, and to whom, when the agent's leg has left", async () => {
    const { desk, tell, answer } = setUp();
    await answer();
    desk.open("transfer");
    expect(desk.view.get().dialog).toBe("transfer");
    tell({ type: "call.handover_requested", call: talking(), handover });
    tell({ type: "leg.left", call: { ...talking(), legs: [leg("caller", "caller")] }, leg: own });
    expect(desk.view.get()).toMatchObject({
      notice: { kind: "transferred", caller: "Marek Novák", to: "Sales" },
      dialog: null,
      here: null,
    });
  });

  it("ends like any other if nobody was there to take it; one that a colleague joins is not handed over", async () => {
    const { desk, tell, answer } = setUp();
    await answer();
    tell({ type: "call.handover_requested", call: talking(), handover });
    tell({ type: "call.handover_ended", call: talking(), handover, outcome: "no_agents" });
    tell({ type: "call.handover_requested", call: talking(), handover: { ...handover, kind: "conference" } });
    tell({ type: "call.ended", call: { ...talking(), state: "ended", end_reason: "caller" } });
    expect(desk.view.get().notice).toEqual({ kind: "ended", caller: "Marek Novák", reason: "caller" });
  });
});

describe("a number that is called", () => {
  it("rings back once it rings there, and is hung up before anybody takes it", async () => {
    const { desk, tell, api, ringer } = setUp();
    await desk.dial("+49 30 123456");
    expect(api.dial).toHaveBeenCalledWith({ station: "s1", number: "+49 30 123456" });
    expect(desk.view.get().here).toBe("c");
    tell({ type: "call.updated", call: dialing("calling") });
    expect(ringer.start).not.toHaveBeenCalled();
    tell({ type: "call.updated", call: dialing("ringing") });
    expect(ringer.start).toHaveBeenCalledWith(RINGBACK);
    tell({ type: "call.started", call: talking() });
    expect(ringer.stop).toHaveBeenCalled();
    await desk.hangUp();
    expect(api.order).toHaveBeenCalledWith("c", "hangup");
  });

  it("says why nobody took it", async () => {
    const { desk, tell } = setUp();
    await desk.dial("+4930123456");
    tell({ type: "call.updated", call: dialing("ringing") });
    tell({ type: "call.ended", call: { ...dialing("ringing"), state: "ended", end_reason: "busy" } });
    expect(desk.view.get().notice).toEqual({ kind: "ended", caller: "+4930123456", reason: "busy" });
  });
});

describe("a call that rings", () => {
  it("rings until it is over", () => {
    const { tell, ring, ringer } = setUp();
    ring();
    expect(ringer.start).toHaveBeenCalledTimes(1);
    ringer.stop.mockClear();
    tell({ type: "call.offer_ended", call: "c" });
    expect(ringer.stop).toHaveBeenCalled();
  });

  it("is answered: the microphone opens with the server's event, not before", async () => {
    const { desk, tell, ring, answered, gate } = setUp();
    ring();
    const accepted = desk.accept();
    await vi.waitFor(() => expect(answered).toHaveLength(1));
    expect(gate()).toBe("armed");
    tell({ type: "call.started", call: talking() });
    expect(gate()).toBe("open");
    answered[0]?.();
    await accepted;
    expect(gate()).toBe("open");
  });

  it("that is gone leaves no microphone open", async () => {
    const { desk, ring, api, gate } = setUp();
    api.answer.mockRejectedValueOnce(new ApiError("/problems/offer-gone", 409, "gone"));
    ring();
    await desk.accept();
    expect(gate()).toBe("closed");
    expect(desk.view.get().notice).toEqual({ kind: "gone" });
  });

  it("and is missed makes a notice with the caller's name", () => {
    const { desk, tell, ring } = setUp();
    ring();
    tell({ type: "call.offer_ended", call: "c" });
    tell({ type: "presence.changed", agent: presence("not_ready", "missed") });
    expect(desk.view.get().notice).toEqual({ kind: "missed", caller: "Marek Novák" });
    tell({ type: "presence.changed", agent: presence("ready") });
    expect(desk.view.get().notice).toBeNull();
  });
});

describe("on the call", () => {
  it("a mute silences at once; its end waits for the server", async () => {
    const { desk, tell, answer, gate } = setUp();
    await answer();
    const muting = desk.mute(true);
    expect(gate()).toBe("armed");
    tell({ type: "leg.changed", call: talking({ muted: true }) });
    await muting;
    const unmuting = desk.mute(false);
    expect(gate()).toBe("armed");
    tell({ type: "leg.changed", call: talking() });
    await unmuting;
    expect(gate()).toBe("open");
  });

  it("stays silent here even if the server could not be told", async () => {
    const { desk, answer, api, gate } = setUp();
    await answer();
    api.updateLeg.mockRejectedValueOnce(new ApiError("unreachable", 0, "no answer"));
    await desk.mute(true);
    expect(gate()).toBe("armed");
    expect(desk.view.get()).toMatchObject({ muted: true, notice: { kind: "failed", order: "mute" } });
  });

  it("hanging up closes the microphone first, and ends the sound if nobody answers", async () => {
    const { desk, answer, api, station, gate } = setUp();
    await answer();
    api.order.mockRejectedValueOnce(new ApiError("unreachable", 0, "no answer"));
    const done = desk.hangUp();
    expect(gate()).toBe("closed");
    await done;
    expect(station.close).toHaveBeenCalled();
  });

  it("the end is told and listed", async () => {
    const { desk, tell, answer, gate } = setUp();
    await answer();
    tell({ type: "call.ended", call: { ...talking(), state: "ended", end_reason: "caller" } }, 62_000);
    expect(gate()).toBe("closed");
    expect(desk.view.get().notice).toEqual({ kind: "ended", caller: "Marek Novák", reason: "caller" });
    expect(desk.view.get().recent).toMatchObject([{ caller: "Marek Novák", lastedMs: 60_000 }]);
  });

  it("the end is told even if a guest's leaving showed the call without the agent before", async () => {
    const { desk, tell, answer } = setUp();
    await answer();
    const { own_leg: _, ...over } = { ...talking(), state: "ended" as const, legs: [], end_reason: "caller" as const };
    tell({ type: "supervision.ended", call: over, leg: leg("sam", "supervisor", { mode: "barge" }) });
    tell({ type: "call.ended", call: over });
    expect(desk.view.get().notice).toMatchObject({ kind: "ended", reason: "caller" });
    expect(desk.view.get().recent).toHaveLength(1);
  });

  it("a call whose sound is elsewhere leaves this microphone closed", () => {
    const { tell, gate } = setUp();
    tell({ type: "call.started", call: talking() });
    expect(gate()).toBe("closed");
  });
});

describe("getting ready", () => {
  it("needs a microphone", async () => {
    const { desk, microphone, api } = setUp();
    microphone.open.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
    await desk.ready();
    expect(api.setPresence).not.toHaveBeenCalled();
    expect(desk.view.get().notice).toEqual({ kind: "microphone" });
    await desk.ready();
    expect(api.setPresence).toHaveBeenCalledWith({ state: "ready" });
    expect(microphone.close).toHaveBeenCalled();
  });

  it("ends when the sound connection is lost: a caller would meet silence", () => {
    const { desk, api, fail } = setUp();
    fail("media");
    expect(api.setPresence).toHaveBeenCalledWith({ state: "not_ready" });
    expect(desk.view.get().notice).toEqual({ kind: "media" });
  });
});

describe("a page that is loaded again in a call", () => {
  const reloaded = () => setUp([talking()]);

  it("leaves the call on hold, keeps its connection, and goes on with it", async () => {
    const before = setUp();
    await before.answer();
    expect(before.station.outlivesPage()).toBe(true);
    window.dispatchEvent(new Event("pagehide"));
    expect(before.api.lastOrder).toHaveBeenCalledExactlyOnceWith("c", "hold");
    before.desk.dispose();

    const after = reloaded();
    await vi.waitFor(() => expect(after.desk.view.get().here).toBe("c"));
    await vi.waitFor(() => expect(after.api.updateLeg).toHaveBeenCalledWith("c", "own", { station: "s1" }));
    await vi.waitFor(() => expect(after.api.order).toHaveBeenCalledWith("c", "resume"));
    expect(after.gate()).toBe("open");
  });

  it("says so if the call did not outlive it", async () => {
    const before = setUp();
    await before.answer();
    before.desk.dispose();
    const { desk } = setUp([]);
    expect(desk.view.get().notice).toEqual({ kind: "ended", caller: "Marek Novák", reason: "reloaded" });
    expect(setUp([]).desk.view.get().notice).toBeNull();
  });

  it("leaves alone a call that another page carries", async () => {
    const { desk, api, gate } = reloaded();
    await Promise.resolve();
    expect(desk.view.get().here).toBeNull();
    expect(api.updateLeg).not.toHaveBeenCalled();
    expect(gate()).toBe("closed");
  });

  it("puts nobody on hold who is not alone with the agent", async () => {
    const { desk, tell, answer, api } = setUp();
    await answer();
    const legs = [...talking().legs, leg("luis", "agent")];
    tell({ type: "leg.joined", call: { ...talking(), legs }, leg: leg("luis", "agent") });
    window.dispatchEvent(new Event("pagehide"));
    expect(api.lastOrder).not.toHaveBeenCalled();
    desk.dispose();
  });
});

describe("a connection that is lost in a call", () => {
  it("is replaced: the call's sound goes on over the new one", async () => {
    const { desk, answer, api, fail, gate } = setUp();
    await answer();
    fail("media");
    expect(desk.view.get().here).toBe("c");
    await vi.waitFor(() => expect(api.updateLeg).toHaveBeenCalledWith("c", "own", { station: "s1" }));
    expect(gate()).toBe("open");
  });

  it("says that the call ended meanwhile, if it did", async () => {
    const { desk, answer, snapshot } = setUp();
    await answer();
    snapshot([], "not_ready");
    expect(desk.view.get()).toMatchObject({
      notice: { kind: "ended", caller: "Marek Novák", reason: "away" },
      here: null,
    });
    expect(desk.view.get().recent).toHaveLength(1);
  });

  it("says that the agent is Not ready since then", () => {
    const { desk, snapshot } = setUp();
    snapshot([], "not_ready");
    expect(desk.view.get().notice).toEqual({ kind: "unready" });
  });
});

describe("a microphone that is muted outside of the page", () => {
  it("is shown to the others as a mute, and is none of the agent's own", async () => {
    const { desk, tell, answer, api, stationView, gate } = setUp();
    await answer();
    stationView.set({ deviceMuted: true });
    expect(api.updateLeg).toHaveBeenCalledExactlyOnceWith("c", "own", { muted: true });
    tell({ type: "leg.changed", call: talking({ muted: true }) });
    expect(desk.view.get()).toMatchObject({ deviceMuted: true, muted: false });
    stationView.set({ deviceMuted: false });
    expect(api.updateLeg).toHaveBeenLastCalledWith("c", "own", { muted: false });
    tell({ type: "leg.changed", call: talking() });
    expect(gate()).toBe("open");
  });
});

describe("a network without a path for sound", () => {
  it("is told before the first call, and nobody gets ready in it", async () => {
    const { desk, station, api } = setUp();
    station.open.mockRejectedValue(new NoPath());
    await desk.ready();
    expect(api.setPresence).not.toHaveBeenCalled();
    expect(desk.view.get().notice).toEqual({ kind: "path" });
    desk.dispose();
  });
});
