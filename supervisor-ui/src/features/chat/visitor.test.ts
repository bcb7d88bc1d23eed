import { afterEach, expect, it, vi } from "vitest";
import { visitor } from "./visitor";

const at = (query: string) => history.replaceState(null, "", `/chat${query}`);

afterEach(() => {
  at("");
  localStorage.clear();
  vi.restoreAllMocks();
});

it("is kept where the site around the widget wants that, and forgotten where it no longer does", () => {
  at("?embed=1&remember=1");
  const first = visitor();
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(visitor()).toBe(first);
  for (const query of ["?embed=1", "?remember=1", ""]) {
    at("?embed=1&remember=1");
    const before = visitor();
    at(query);
    expect([visitor(), localStorage.length], query).toEqual([undefined, 0]);
    at("?embed=1&remember=1");
    expect(visitor(), query).not.toBe(before);
  }
});

it("is not stated where nothing can be kept, and what somebody else put there is no id", () => {
  at("?embed=1&remember=1");
  localStorage.setItem("sotto.visitor", "<b>");
  expect(visitor()).toMatch(/^[0-9a-f]{32}$/);
  localStorage.clear();
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new Error("forbidden");
  });
  expect(visitor()).toBeUndefined();
});
