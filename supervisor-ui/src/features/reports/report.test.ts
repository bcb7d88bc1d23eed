import { expect, test } from "vitest";
import type { HelpReport, HelpReportRow } from "../../wire/generated";
import { agentsOf, changeOf, daysOf, longestOf, reasonsOf, scaleOf, sumOf } from "./report";

const FROM = new Date(2026, 10, 20).getTime();
const UNTIL = new Date(2026, 10, 23).getTime();

const row = (day: number, name: string, count: number, answered: number, mean: number, max: number): HelpReportRow => ({
  day: new Date(2026, 10, day).getTime(),
  agent: { user: name, name },
  queue: "support",
  count,
  answered,
  cancelled: count - answered,
  ...(answered > 0 ? { answer_ms_mean: mean, answer_ms_max: max } : {}),
});

const report: HelpReport = {
  rows: [row(20, "Ana", 3, 2, 30_000, 40_000), row(20, "Ben", 1, 1, 90_000, 90_000), row(22, "Ana", 2, 0, 0, 0)],
  reasons: [{ reason: "refund", count: 4 }],
};

test("a mean is of requests, not of rows", () => {
  expect(sumOf(report.rows)).toEqual({ count: 6, answered: 3, cancelled: 3, meanMs: 50_000, maxMs: 90_000 });
  expect(sumOf([]).meanMs).toBeNull();
});

test("a day without a request is there", () => {
  const days = daysOf(report, FROM, UNTIL);
  expect(days.map(({ count }) => count)).toEqual([4, 0, 2]);
  expect(days[1]?.start).toBe(new Date(2026, 10, 21).getTime());
  expect(days[2]).toMatchObject({ answered: 0, meanMs: null });
});

test("agents come by their requests, and the longest wait by its row", () => {
  expect(agentsOf(report).map(({ name, count, meanMs }) => [name, count, meanMs])).toEqual([
    ["Ana", 5, 30_000],
    ["Ben", 1, 90_000],
  ]);
  expect(longestOf(report)?.agent.name).toBe("Ben");
  expect(longestOf({ rows: [], reasons: [] })).toBeUndefined();
});

test("reasons add up to all requests", () => {
  expect(reasonsOf(report, 6)).toEqual([
    { reason: "refund", count: 4 },
    { reason: null, count: 2 },
  ]);
});

test("a change needs something before it", () => {
  expect([changeOf(108, 100), changeOf(5, 0), changeOf(0, 4)]).toEqual([8, null, -100]);
});

test("an axis ends above what it shows, in round steps", () => {
  expect(scaleOf(27)).toEqual([0, 10, 20, 30]);
  expect(scaleOf(0)).toEqual([0, 1, 2, 3]);
  expect(scaleOf(72, 2)).toEqual([0, 50, 100]);
});
