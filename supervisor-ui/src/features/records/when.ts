import { language } from "../../i18n";

/** "21 Nov, 15:08" */
export function dateTime(at: number): string {
  return new Intl.DateTimeFormat(language(), {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** "Saturday, 21 November 2026 at 15:08" */
export function longDateTime(at: number): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "full", timeStyle: "short", hourCycle: "h23" }).format(at);
}

/** "15:08:35" */
export function exactTime(at: number): string {
  return new Intl.DateTimeFormat(language(), {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(at);
}
