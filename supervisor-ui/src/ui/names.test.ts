import { describe, expect, it } from "vitest";
import { clock, initials, shortName } from "./names";

it("calls people by their first name, and numbers as a whole", () => {
  expect(shortName("Ana Duarte")).toBe("Ana");
  expect(shortName("+44 20 7946 0112")).toBe("+44 20 7946 0112");
  expect(initials("Sam Okafor")).toBe("SO");
  expect(initials("")).toBe("");
});

it("writes times as clocks do", () => {
  expect(clock(289_000)).toBe("4:49");
  expect(clock(3_723_000)).toBe("1:02:03");
  expect(clock(-5)).toBe("0:00");
});

describe("initials", () => {
  it("are whole signs", () => {
    expect(initials("😀 Miller")).toBe("😀M");
    expect(initials("👨‍👩‍👧‍👦")).toBe("👨‍👩‍👧‍👦");
    expect(initials("𠮷田 一郎")).toBe("𠮷一");
    expect(initials("🇯🇵 花子")).toBe("🇯🇵花");
  });
});
