import { locale } from "../i18n";

/*
 * Times as every page writes them: on the reader's clock, in the reader's zone, 24 hours, the day
 * before the month. Nothing else formats one.
 */

type Format = Readonly<Intl.DateTimeFormatOptions>;

const TIME: Format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY: Format = { day: "numeric", month: "short" };

/** "20:38" */
export function timeOf(at: number): string {
  return format(at, TIME);
}

/** "20:38:05" */
export function exactTime(at: number): string {
  return format(at, { ...TIME, second: "2-digit" });
}

/** "29 Nov, 20:38" */
export function dateTime(at: number): string {
  return format(at, { ...DAY, ...TIME });
}

/** "29 Nov 2026, 20:38:05" */
export function exactDateTime(at: number): string {
  return format(at, { ...DAY, year: "numeric", ...TIME, second: "2-digit" });
}

/** "Sunday, 29 November 2026 at 20:38 GMT+9": with its zone, for it may be read elsewhere. */
export function longDateTime(at: number): string {
  return format(at, {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    ...TIME,
    timeZoneName: "short",
  });
}

/** "Monday 30 November at 09:00": without the year, for what is soon. */
export function openingTime(at: number): string {
  return format(at, { weekday: "long", day: "numeric", month: "long", ...TIME });
}

/** "Fri 13", "13日(金)" */
export function shortDay(at: number): string {
  return format(at, { weekday: "short", day: "numeric" });
}

/** "Fri, 13 Nov 2026" */
export function fullDay(at: number): string {
  return format(at, { weekday: "short", ...DAY, year: "numeric" });
}

/** "2026-11-29T2038+0900", for the name of a file: of what zone it is, it says itself. */
export function fileTime(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const ahead = -date.getTimezoneOffset();
  const zone = `${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}${two(Math.abs(ahead) % 60)}`;
  return `${day}T${two(date.getHours())}${two(date.getMinutes())}${zone}`;
}

function format(at: number, how: Format): string {
  return new Intl.DateTimeFormat(locale(), how).format(at);
}
