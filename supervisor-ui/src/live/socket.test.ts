import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aCall, aSnapshot } from "../testing/wire";
import { Envelope, TextEnvelope } from "../wire/schemas";
import { readerOf } from "../wire/stream";
import { EventSocket } from "./socket";

/** What a browser's socket is to us; each one that was opened is listed. */
class FakeSocket {
  static opened: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  constructor() {
    FakeSocket.opened.push(this);
  }

  close(): void {
    this.closed = true;
  }

  says(value: unknown): void {
    this.onmessage?.({ data: typeof value === "string" ? value : JSON.stringify(value) });
  }
}

const report = vi.fn();
const socket = () => FakeSocket.opened.at(-1) as FakeSocket;

beforeEach(() => {
  FakeSocket.opened = [];
  report.mockClear();
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("reportError", report);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function open() {
  const onMessage = vi.fn();
  const onEnd = vi.fn();
  const events = new EventSocket({
    read: readerOf(Envelope, TextEnvelope),
    onMessage,
    onEnd,
    stillSignedIn: () => Promise.resolve(true),
  });
  return { events, onMessage, onEnd };
}

describe("the event socket", () => {
  it("hands on what it could read", () => {
    const { events, onMessage } = open();
    socket().says(aSnapshot([aCall("a")]));
    expect(onMessage.mock.calls).toEqual([[aSnapshot([aCall("a")])]]);
    events.close();
  });

  it("reports a message that it can't read, drops the connection and asks for a fresh snapshot", async () => {
    const { events, onMessage, onEnd } = open();
    const first = socket();
    first.says(aSnapshot([aCall("a")]));
    first.says({ type: "call.ended", seq: 1, at: 1, call: "not a call" });
    expect(report).toHaveBeenCalledOnce();
    expect(onMessage).toHaveBeenCalledTimes(1);
    expect(onEnd).toHaveBeenCalledExactlyOnceWith("lost");
    expect(first.closed).toBe(true);
    // Nothing that the old connection may still deliver counts.
    first.says(aSnapshot([]));
    expect(onMessage).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(900);
    expect(FakeSocket.opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1200);
    expect(FakeSocket.opened).toHaveLength(2);
    socket().says(aSnapshot([]));
    expect(onMessage).toHaveBeenCalledTimes(2);
    events.close();
  });

  it("goes on after a message of a kind that a newer server sends", () => {
    const { events, onMessage, onEnd } = open();
    socket().says(aSnapshot([]));
    socket().says({ type: "call.painted", seq: 1, at: 5 });
    expect(onMessage).toHaveBeenLastCalledWith({ type: "unknown", seq: 1, at: 5 });
    expect(onEnd).not.toHaveBeenCalled();
    expect(report).not.toHaveBeenCalled();
    events.close();
  });
});
