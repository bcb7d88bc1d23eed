import type { OpeningHours, OpenSpan, Weekday } from "../../wire/generated";
import type { Wrongs } from "./forms";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const satisfies readonly Weekday[];

/** As the server has it. */
const SPANS_MAX = 21;
const CLOSED_DAYS_MAX = 100;
const USUAL = "9:00–17:00";
const ALWAYS: OpeningHours = { zone: "UTC", weekly: [], closed_on: [] };

/** Opening hours as they stand in the form: what was typed. */
export interface HoursDraft {
  /** Open at these hours alone. */
  readonly limited: boolean;
  readonly zone: string;
  /** Spans of a day, with commas between them; empty: closed. */
  readonly days: Readonly<Record<Weekday, string>>;
  /** Days on which it is closed, one a line. */
  readonly closedOn: string;
}

/** `zone`: the one that is proposed where nothing was chosen yet. */
export function hoursDraft(hours: OpeningHours = ALWAYS, zone: string): HoursDraft {
  const isChosen = hours.weekly.length > 0 || hours.closed_on.length > 0;
  const ofDay = (day: Weekday) =>
    hours.weekly
      .filter((span) => span.day === day)
      .map(({ from, until }) => `${from}–${until}`)
      .join(", ");
  return {
    limited: hours.weekly.length > 0,
    zone: isChosen ? hours.zone : zone,
    days: Object.fromEntries(WEEKDAYS.map((day) => [day, ofDay(day)])) as Record<Weekday, string>,
    closedOn: hours.closed_on.join("\n"),
  };
}

/** Hours that were always so far begin as those of an office. */
export function limited(draft: HoursDraft, on: boolean): HoursDraft {
  const isEmpty = WEEKDAYS.every((day) => draft.days[day].trim() === "");
  if (!on || !isEmpty) return { ...draft, limited: on };
  const usual = WEEKDAYS.map((day) => [day, day === "sat" || day === "sun" ? "" : USUAL]);
  return { ...draft, limited: on, days: Object.fromEntries(usual) as Record<Weekday, string> };
}

export function hoursWrongs(draft: HoursDraft): Wrongs<Weekday | "closedOn"> {
  const days = draft.limited ? WEEKDAYS.filter((day) => spansIn(draft.days[day]) === null) : [];
  const spans = WEEKDAYS.flatMap((day) => spansIn(draft.days[day]) ?? []);
  const none = draft.limited && days.length === 0 && (spans.length === 0 || spans.length > SPANS_MAX);
  return {
    ...Object.fromEntries(days.map((day) => [day, { key: "hours" } as const])),
    ...(none && { mon: { key: "someHours", max: SPANS_MAX } as const }),
    ...(datesIn(draft.closedOn) === null && { closedOn: { key: "dates", max: CLOSED_DAYS_MAX } as const }),
  };
}

/** Call it only when nothing is wrong. */
export function hoursSave(draft: HoursDraft): OpeningHours {
  const ofDay = (day: Weekday): OpenSpan[] =>
    (spansIn(draft.days[day]) ?? []).map(([from, until]) => ({ day, from: clock(from), until: clock(until) }));
  const weekly = draft.limited ? WEEKDAYS.flatMap(ofDay) : [];
  return { zone: draft.zone, weekly, closed_on: [...(datesIn(draft.closedOn) ?? [])] };
}

/** A time of the day, with or without its minutes. Input methods write wide digits and signs. */
const TIME = /^(\d{1,2})(?:[:.h](\d{2}))?$/;

/** Minutes since midnight, from and until, in order; `null`: it can't be read. */
function spansIn(typed: string): readonly (readonly [number, number])[] | null {
  const parts = typed
    .normalize("NFKC")
    .split(/[,;、]/)
    .map((part) => part.replace(/\s/g, ""))
    .filter((part) => part !== "");
  const spans = parts.map((part) => {
    const [from, until, ...more] = part.split(/[-–—~〜]/).map(minutes);
    if (from === undefined || until === undefined || from === null || until === null || more.length > 0) return null;
    // Midnight, at the end of the day.
    const end = until === 0 ? 24 * 60 : until;
    return from < end ? ([from, end] as const) : null;
  });
  const read = spans.filter((span) => span !== null).toSorted(([a], [b]) => a - b);
  const apart = read.every(([from], index) => from >= (read[index - 1]?.[1] ?? 0));
  return read.length === spans.length && apart ? read : null;
}

function minutes(text: string): number | null {
  const [, hour, minute] = TIME.exec(text) ?? [];
  if (hour === undefined) return null;
  const all = Number(hour) * 60 + Number(minute ?? 0);
  return Number(minute ?? 0) < 60 && all <= 24 * 60 ? all : null;
}

function clock(all: number): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(Math.floor(all / 60))}:${two(all % 60)}`;
}

/** Dates as 2026-12-25, each once, in order; `null`: one of them is none. */
function datesIn(text: string): readonly string[] | null {
  const lines = text.normalize("NFKC").split(/[\s,、]+/);
  const dates = [...new Set(lines.filter((line) => line !== ""))].toSorted();
  return dates.length <= CLOSED_DAYS_MAX && dates.every(isDate) ? dates : null;
}

function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
