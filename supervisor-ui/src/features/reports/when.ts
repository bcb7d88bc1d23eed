import { language } from "../../i18n";

/** "Fri 13", "13日(金)" */
export function shortDay(at: number): string {
  // English without a month would put the day first.
  if (language() === "en")
    return `${new Intl.DateTimeFormat("en", { weekday: "short" }).format(at)} ${new Date(at).getDate()}`;
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric" }).format(at);
}

/** "Fri, 13 Nov 2026" */
export function fullDay(at: number): string {
  return new Intl.DateTimeFormat(language(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(at);
}
