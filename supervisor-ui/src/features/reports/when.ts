import { language } from "../../i18n";

/** A day's beginning on the reader's clock, as a date field has it. */
export function dateField(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The beginning of the day in a date field; null: there is none. */
export function dateOf(field: string): number | null {
  const [year, month, day] = field.split("-").map(Number);
  if (!year || !month || !day || year < 1971) return null;
  return new Date(year, month - 1, day).getTime();
}

/** The beginning of the next day; not every day has 24 hours. */
export function dayAfter(start: number): number {
  const date = new Date(start);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

/** "Fri 13", "13日(金)" */
export function shortDay(at: number): string {
  // English without a month would put the day first.
  if (language() === "en") return `${new Intl.DateTimeFormat("en", { weekday: "short" }).format(at)} ${new Date(at).getDate()}`;
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric" }).format(at);
}

/** "Fri, 13 Nov 2026" */
export function fullDay(at: number): string {
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(at);
}
