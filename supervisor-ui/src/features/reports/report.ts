import type { HelpReport, HelpReportRow } from "../../wire/generated";
import { REPORT_DAYS_MAX } from "./period";

/** A request should be taken up within this time. */
export const GOAL_MS = 60_000;
const HALF_DAY_MS = 43_200_000;

/** What is added up over some rows. */
export interface Sum {
  readonly count: number;
  readonly answered: number;
  readonly cancelled: number;
  /** The mean time until one was taken up; null: none was. */
  readonly meanMs: number | null;
  /** The longest one; null: none was. */
  readonly maxMs: number | null;
}

export interface Day extends Sum {
  /** When it begins, Unix ms. */
  readonly start: number;
}

export interface AgentSum extends Sum {
  readonly name: string;
  readonly user: string;
}

export function sumOf(rows: readonly HelpReportRow[]): Sum {
  const add = (pick: (row: HelpReportRow) => number) => rows.reduce((sum, row) => sum + pick(row), 0);
  const answered = add((row) => row.answered);
  const waited = add((row) => (row.answer_ms_mean ?? 0) * row.answered);
  const longest = rows.flatMap(({ answer_ms_max }) => (answer_ms_max === undefined ? [] : [answer_ms_max]));
  return {
    count: add((row) => row.count),
    answered,
    cancelled: add((row) => row.cancelled),
    meanMs: answered === 0 ? null : waited / answered,
    maxMs: longest.length === 0 ? null : Math.max(...longest),
  };
}

/** Every day of the period on the reader's clock, those without a request too. */
export function daysOf({ rows }: HelpReport, from: number, until: number): Day[] {
  const byDay = grouped(rows, ({ day }) => dayKey(day));
  const days: Day[] = [];
  const first = new Date(from);
  for (let n = 0; n < REPORT_DAYS_MAX; n += 1) {
    const start = new Date(first.getFullYear(), first.getMonth(), first.getDate() + n).getTime();
    if (start >= until) break;
    days.push({ start, ...sumOf(byDay.get(dayKey(start)) ?? []) });
  }
  return days;
}

/** Agents by the number of their requests. */
export function agentsOf({ rows }: HelpReport): AgentSum[] {
  const agents = [...grouped(rows, ({ agent }) => agent.user).values()];
  const sums = agents.map((own) => ({
    name: own.at(-1)?.agent.name ?? "",
    user: own[0]?.agent.user ?? "",
    ...sumOf(own),
  }));
  return sums.toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

/** The row with the longest wait. */
export function longestOf({ rows }: HelpReport): HelpReportRow | undefined {
  return rows
    .filter(({ answer_ms_max }) => answer_ms_max !== undefined)
    .toSorted((a, b) => (b.answer_ms_max ?? 0) - (a.answer_ms_max ?? 0))[0];
}

/** The reasons with how often, what is missing among them; null stands for no reason or another one. */
export function reasonsOf({ reasons }: HelpReport, total: number): { reason: string | null; count: number }[] {
  const given = reasons.reduce((sum, { count }) => sum + count, 0);
  return [...reasons, ...(total > given ? [{ reason: null, count: total - given }] : [])];
}

/** The change from one period to the next in percent, rounded; null: there is nothing to compare with. */
export function changeOf(now: number, before: number): number | null {
  return before === 0 ? null : Math.round(((now - before) / before) * 100);
}

/** The upper end of an axis, and the lines below it: 0 first. */
export function scaleOf(most: number, lines = 3): number[] {
  const raw = Math.max(most, lines) / lines;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= raw) ?? raw;
  return Array.from({ length: lines + 1 }, (_, n) => n * step);
}

function grouped(rows: readonly HelpReportRow[], key: (row: HelpReportRow) => string): Map<string, HelpReportRow[]> {
  const groups = new Map<string, HelpReportRow[]>();
  rows.forEach((row) => groups.set(key(row), [...(groups.get(key(row)) ?? []), row]));
  return groups;
}

/** A day by its date: the server's days have one offset from UTC, those of a clock may not. */
function dayKey(start: number): string {
  const noon = new Date(start + HALF_DAY_MS);
  return `${noon.getFullYear()}-${noon.getMonth()}-${noon.getDate()}`;
}
