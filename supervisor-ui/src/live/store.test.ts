import { describe, expect, it, vi } from "vitest";
import { aCall, aSnapshot } from "../testing/wire";
import type { Envelope } from "../wire/generated";
import { scale } from "./meters";
import type { SocketEnd } from "./socket";
import { LiveStore } from "./store";

function store() {
  let take: (envelope: Envelope) => void = () => undefined;
  let end: (end: SocketEnd) => void = () => undefined;
  const retryNow = vi.fn();
  const live = new LiveStore({
    open: (onMessage, onEnd) => {
      [take, end] = [onMessage, onEnd];
      return { close: () => undefined, retryNow };
    },
    now: () => 1000,
  });
  live.start();
  return { live, take: (envelope: Envelope) => take(envelope), end: (why: SocketEnd) => end(why), retryNow };
}

describe("the live store", () => {
  it("asks for a fresh snapshot on a gap and keeps the old picture meanwhile", () => {
    const { live, take, retryNow } = store();
    take(aSnapshot([aCall("a")]));
    take({ type: "call.ended", seq: 3, at: 5, call: aCall("a") });
    expect(retryNow).toHaveBeenCalledOnce();
    expect(live.getState().calls.has("a")).toBe(true);
  });

  it("is lost with the connection, and live only with the next snapshot", () => {
    const { live, take, end } = store();
    take(aSnapshot([], 900));
    end("lost");
    expect(live.getState().connection).toEqual({ kind: "lost", since: 1000, heardAt: 900 });
    take({ type: "call.updated", seq: 1, at: 950, call: aCall("a") });
    expect(live.getState().connection.kind).toBe("lost");
    take(aSnapshot([], 960));
    expect(live.getState().connection.kind).toBe("live");
  });

  it("keeps meters out of the state", () => {
    const { live, take } = store();
    take(aSnapshot([aCall("a")]));
    const changed = vi.fn();
    live.subscribe(changed);
    take({ type: "meters", at: 1, calls: [{ call: "a", legs: [128 - 20, -60] }] });
    expect(changed).not.toHaveBeenCalled();
    expect(live.meters.track("a")?.legs.get("caller")).toMatchObject({ level: scale(-20), speaking: true });
    expect(live.meters.track("a")?.legs.get("agent")).toMatchObject({ level: 0, speaking: false });
  });

  it("takes no levels of legs that it was not told of", () => {
    const { live, take } = store();
    take(aSnapshot([aCall("a")]));
    const told = [
      { call: "a", legs: [128 - 20] },
      { call: "b", legs: [128 - 20, -60] },
    ];
    take({ type: "meters", at: 1, calls: told });
    expect(live.meters.track("a")).toBeUndefined();
    expect(live.meters.track("b")).toBeUndefined();
  });

  it("follows the server's clock by the least delayed message", () => {
    const { live, take } = store();
    take(aSnapshot([], 5000));
    take({ type: "meters", at: 4000, calls: [] });
    expect(live.serverNow()).toBe(5000);
  });
});
