import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../words";
import type { Request } from "../model/requests";
import { useHelpNews } from "./help";

const OPENED_AT = 1000;

const request = (id: string, more: Partial<Request> = {}): Request => ({
  key: `${id} 1`,
  kind: "chat",
  id,
  agent: "Ana Duarte",
  customer: "Daniel Ortiz",
  channel: "web_chat",
  queue: "support",
  reason: "Refund",
  state: "open",
  raisedAt: OPENED_AT + 1,
  takenBy: undefined,
  ...more,
});

/** What the desktop shows. */
const shown: FakeNotification[] = [];

class FakeNotification {
  static permission: NotificationPermission = "granted";
  onclick: (() => void) | null = null;
  close = vi.fn();
  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    shown.push(this);
  }
}

beforeEach(() => {
  shown.length = 0;
  FakeNotification.permission = "granted";
  vi.stubGlobal("Notification", FakeNotification);
  vi.spyOn(window, "focus").mockReturnValue(undefined);
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const page = (requests: Request[]) => {
  const open = vi.fn();
  return { open, ...renderHook(({ all }) => useHelpNews(all, OPENED_AT, open), { initialProps: { all: requests } }) };
};

describe("a desktop notification", () => {
  it("comes with each new request, once, and leads in", () => {
    const old = request("old", { raisedAt: OPENED_AT });
    const { open, rerender } = page([]);
    rerender({ all: [old] });
    expect(shown, "it was there when the page came").toEqual([]);
    rerender({ all: [old, request("new")] });
    rerender({ all: [old, request("new")] });
    expect(shown.map(({ title, options }) => [title, options.body])).toEqual([
      ["Ana Duarte asks for help", "Daniel Ortiz: Refund"],
    ]);
    shown[0]?.onclick?.();
    expect(open).toHaveBeenCalledExactlyOnceWith("new");
  });

  it("comes not while one looks here, without leave, or for what somebody has taken up", () => {
    vi.mocked(document.hasFocus).mockReturnValue(true);
    const { rerender } = page([]);
    rerender({ all: [request("a")] });
    vi.mocked(document.hasFocus).mockReturnValue(false);
    rerender({ all: [request("a"), request("b", { takenBy: { user: "mei", name: "Mei" } })] });
    FakeNotification.permission = "default";
    rerender({ all: [request("a"), request("c")] });
    expect(shown).toEqual([]);
  });
});
