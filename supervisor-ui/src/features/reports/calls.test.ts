import { expect, test } from "vitest";
import type { CallReportFigures } from "../../wire/generated";
import { serviceLevel, sorted } from "./calls";

const figures = (offered: number, answered: number, abandoned: number, within_goal: number): CallReportFigures => ({
  offered,
  answered,
  abandoned,
  within_goal,
  missed: 0,
  missed_chats: 0,
  declined: 0,
});

test("a service level is of calls answered or abandoned, and never rounded up to the goal", () => {
  expect(serviceLevel(figures(10, 8, 2, 8))).toBe(80);
  expect(serviceLevel(figures(1000, 1000, 0, 799))).toBe(79);
  expect(serviceLevel(figures(3, 0, 0, 0))).toBeNull();
});

test("queues and agents come by their calls, hours as they are", () => {
  const rows = [
    { start: 1, figures: figures(1, 1, 0, 1) },
    { start: 2, figures: figures(9, 9, 0, 9) },
  ];
  expect(sorted(rows, "hour")).toBe(rows);
  expect(sorted(rows, "queue").map(({ start }) => start)).toEqual([2, 1]);
});
