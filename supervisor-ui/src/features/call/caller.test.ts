import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../api/http";
import type { EventSocketConfig } from "../../live/socket";
import type { CallView, Envelope, LegView, User } from "../../wire/generated";
import { Caller } from "./caller";

const leg = (id: string, role: LegView["role"]): LegView => ({
  id,
  user: id,
  name: id,
  role,
  muted: false,
  lost: false,
  joined_at: 0,
});
const call = (more: Partial<CallView> = {}): CallView => ({
  id: "c",
  state: "ringing",
  caller: { name: "Marek" },
  legs: [leg("own", "caller")],
  held: false,
  placed_at: 0,
  own_leg: "own",
  ...more,
});
const ACTIVE = call({ state: "active", answered_at: 1000, legs: [leg("own", "caller"), leg("ana", "agent")] });
const STAFF: User = { id: "s", username: "x", name: "Yuki", role: "agent", permissions: [], teams: [], queues: [] };
const QUEUE = { id: "support", name: "Support" };

function setUp() {
  let config: EventSocketConfig | undefined;
  let fail: (reason: "media" | "microphone") => void = () => undefined;
  const gates: string[] = [];
  const api = {
    me: vi.fn((): Promise<User> => Promise.reject(new ApiError("/problems/unauthenticated", 401, "nobody"))),
    enter: vi.fn(() => Promise.resolve({} as never)),
    place: vi.fn(() => Promise.resolve(call())),
    mute: vi.fn(() => Promise.resolve({ leg: "own" })),
    hangUp: vi.fn(() => Promise.resolve()),
  };
  const station = {
    open: vi.fn(() => Promise.resolve("s1")),
    close: vi.fn(),
    unlock: vi.fn(),
    microphone: { open: vi.fn(() => Promise.resolve({} as MediaStreamTrack)), close: vi.fn() },
    setGate: (gate: string) => gates.push(gate),
    onFailure: (listener: typeof fail) => ((fail = listener), () => undefined),
    toldByServer: vi.fn(),
  };
  const ringer = { start: vi.fn(), stop: vi.fn(), unlock: vi.fn() };
  const close = vi.fn();
  const beside = { hear: vi.fn(), lost: vi.fn(), callEnded: vi.fn(), reset: vi.fn() };
  const caller = new Caller({
    api,
    station: station as never,
    ringer,
    beside,
    events: (given) => ((config = given), { close }),
  });
  const tell = (event: object) => config?.onMessage({ seq: 1, at: 61_000, ...event } as Envelope);
  return {
    caller,
    api,
    station,
    ringer,
    close,
    tell,
    lose: () => config?.onEnd("lost"),
    gate: () => gates.at(-1),
    fail: (reason: "media" | "microphone") => fail(reason),
  };
}

afterEach(() => vi.restoreAllMocks());

describe("placing a call", () => {
  it("asks for the microphone before anybody is troubled", async () => {
    const { caller, station, api } = setUp();
    station.microphone.open.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
    await caller.call("Marek", QUEUE);
    expect(caller.view.get()).toMatchObject({ step: "start", problem: "microphone" });
    expect(api.enter).not.toHaveBeenCalled();
  });

  it("signs nobody out without asking", async () => {
    const { caller, api } = setUp();
    api.me.mockResolvedValue(STAFF);
    await caller.call("Marek", QUEUE);
    expect(caller.view.get()).toMatchObject({ step: "start", problem: "signedIn", signedInAs: "Yuki" });
    expect(api.enter).not.toHaveBeenCalled();
    await caller.call("Marek", QUEUE, true);
    expect(caller.view.get().step).toBe("calling");
  });

  it("tells a full house from a server that is away", async () => {
    const { caller, api } = setUp();
    api.place.mockRejectedValueOnce(new ApiError("/problems/lines-busy", 503, "busy"));
    await caller.call("Marek", QUEUE);
    expect(caller.view.get().problem).toBe("busy");
    api.enter.mockRejectedValueOnce(new ApiError("unreachable", 0, "no answer"));
    await caller.call("Marek", QUEUE);
    expect(caller.view.get().problem).toBe("unreachable");
  });

  it("hears what is wrong with its own sound", async () => {
    const { caller, station, tell } = setUp();
    await caller.call("Marek", QUEUE);
    const told = { id: "s1", state: "connected", fault: "digital_silence" };
    tell({ type: "station.changed", station: told });
    expect(station.toldByServer).toHaveBeenCalledExactlyOnceWith(told);
  });

  it("takes news that come before the call has its name", async () => {
    const { caller, api, tell } = setUp();
    api.place.mockImplementationOnce(() => {
      tell({ type: "call.started", call: ACTIVE });
      return Promise.resolve(call());
    });
    await caller.call("Marek", QUEUE);
    expect(caller.view.get().told).toEqual({ kind: "going", call: ACTIVE });
  });
});

describe("the call", () => {
  it("sends nothing before somebody has answered, nor when muted", async () => {
    const { caller, tell, gate, ringer } = setUp();
    await caller.call("Marek", QUEUE);
    expect(gate()).toBe("armed");
    expect(ringer.start).toHaveBeenCalledTimes(1);
    tell({ type: "call.started", call: ACTIVE });
    expect(gate()).toBe("open");
    expect(ringer.stop).toHaveBeenCalled();
    void caller.mute(true);
    expect(gate()).toBe("armed");
    void caller.mute(false);
    expect(gate()).toBe("open");
  });

  it("goes on while the events are away", async () => {
    const { caller, tell, lose, gate } = setUp();
    await caller.call("Marek", QUEUE);
    tell({ type: "call.started", call: ACTIVE });
    lose();
    expect(caller.view.get()).toMatchObject({ step: "calling", away: true });
    expect(gate()).toBe("open");
    tell({ type: "snapshot", calls: [ACTIVE], agents: [], me: {}, policy: {} });
    expect(caller.view.get().away).toBe(false);
  });

  it("ends with the server's word, and lets go of everything", async () => {
    const { caller, tell, station, close } = setUp();
    await caller.call("Marek", QUEUE);
    tell({ type: "call.started", call: ACTIVE });
    tell({ type: "call.ended", call: { ...ACTIVE, state: "ended", end_reason: "agent" } });
    expect(caller.view.get()).toMatchObject({ step: "ended", ended: { ending: "done" } });
    expect(station.close).toHaveBeenCalled();
    expect(station.microphone.close).toHaveBeenCalled();
    expect(close).toHaveBeenCalled();
  });

  it("is over for the caller who hangs up, whatever the server answers", async () => {
    const { caller, api, gate } = setUp();
    await caller.call("Marek", QUEUE);
    api.hangUp.mockRejectedValueOnce(new ApiError("unreachable", 0, "no answer"));
    const done = caller.hangUp();
    expect(gate()).toBe("closed");
    await done;
    expect(caller.view.get()).toMatchObject({ step: "ended", ended: { ending: "byYou", lastedMs: null } });
  });

  it("breaks off with its sound", async () => {
    const { caller, fail } = setUp();
    await caller.call("Marek", QUEUE);
    fail("media");
    expect(caller.view.get()).toMatchObject({ step: "ended", ended: { ending: "lost" } });
  });
});
