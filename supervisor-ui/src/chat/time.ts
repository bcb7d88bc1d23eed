import { language } from "../i18n";

/** "10:41" */
export function timeOf(at: number): string {
  return new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}
