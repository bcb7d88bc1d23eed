import { afterEach, describe, expect, it, vi } from "vitest";
import { Embed, embedded } from "./embed";

const SITE = "https://shop.example";

function setUp() {
  const parent = { postMessage: vi.fn() } as unknown as Window & { postMessage: ReturnType<typeof vi.fn> };
  const embed = new Embed(parent, SITE);
  const changed = vi.fn();
  const unsubscribe = embed.opened.subscribe(changed);
  const hear = (data: unknown, origin = SITE, source: unknown = parent) =>
    window.dispatchEvent(new MessageEvent("message", { data, origin, source: source as Window }));
  return { parent, embed, changed, hear, unsubscribe };
}

describe("the chat in a frame", () => {
  it("hears the page around it, and nobody else", () => {
    const { embed, hear, changed, unsubscribe } = setUp();
    hear({ sotto: "opened" }, "https://evil.example");
    hear({ sotto: "opened" }, SITE, window);
    for (const nonsense of [null, "opened", 7, {}, { sotto: "close" }]) hear(nonsense);
    expect([embed.opened.get(), changed.mock.calls.length]).toEqual([false, 0]);
    hear({ sotto: "opened" });
    expect([embed.opened.get(), changed.mock.calls.length]).toEqual([true, 1]);
    hear({ sotto: "closed" });
    expect(embed.opened.get()).toBe(false);
    unsubscribe();
    hear({ sotto: "opened" });
    expect(embed.opened.get()).toBe(false);
  });

  it("speaks to that page's origin alone", () => {
    const { parent, embed } = setUp();
    embed.tell({ sotto: "unread", count: 2 });
    expect(parent.postMessage.mock.calls).toEqual([
      [{ sotto: "ready" }, SITE],
      [{ sotto: "unread", count: 2 }, SITE],
    ]);
  });
});

describe("whether it is in a frame", () => {
  const at = (query: string) => history.replaceState(null, "", `/chat${query}`);
  afterEach(() => {
    at("");
    vi.unstubAllGlobals();
  });

  it("is said by the widget, and is true", () => {
    at(`?embed=1&site=${SITE}`);
    expect(embedded()).toBeNull();
    vi.stubGlobal("parent", {});
    expect(embedded()).not.toBeNull();
    for (const query of [
      "?embed=1",
      "?embed=1&site=*",
      "?embed=1&site=null",
      "?embed=1&site=https://a.example/x",
      `?site=${SITE}`,
    ]) {
      at(query);
      expect(embedded(), query).toBeNull();
    }
  });
});
