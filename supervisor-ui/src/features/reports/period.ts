import type { ReportFilter } from "../../api/records";

/** Days that one report may look at. */
export const REPORT_DAYS_MAX = 400;
const DAY_MS = 86_400_000;
const DAYS_AT_FIRST = 14;

/** Whether a report of this period can be asked for. */
export function isPeriod({ from, until }: ReportFilter): boolean {
  return from < until && until - from <= REPORT_DAYS_MAX * DAY_MS;
}

/** Whole days, today's the last. */
export function lastDays(days = DAYS_AT_FIRST): ReportFilter {
  const now = new Date();
  const day = (ago: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).getTime();
  return { from: day(days - 1), until: day(-1), team: "", queue: "" };
}
