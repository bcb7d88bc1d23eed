import { expect, test } from "vitest";
import { dayOf, dayStart } from "./names";

test("a day is the reader's, and its end is the next one's beginning", () => {
  const start = dayStart("2026-11-21");
  expect(start).toBe(new Date(2026, 10, 21).getTime());
  expect(dayStart("2026-11-21", 1)).toBe(new Date(2026, 10, 22).getTime());
  expect(dayOf(start ?? 0)).toBe("2026-11-21");
  expect([dayStart(""), dayStart("21.11.2026")]).toEqual([null, null]);
});
