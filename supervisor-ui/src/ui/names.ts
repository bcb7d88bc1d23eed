import { graphemes, shownName } from "../text/unicode";

/** The part of a name that one is called by: "Ana" of "Ana Duarte". Numbers stay whole. */
export function shortName(name: string): string {
  const trimmed = shownName(name);
  return /^[+\d]/.test(trimmed) ? trimmed : (trimmed.split(/\s+/)[0] ?? trimmed);
}

export function initials(name: string): string {
  const words = shownName(name).split(/\s+/);
  const first = graphemes(words[0] ?? "")[0] ?? "";
  const last = words.length > 1 ? (graphemes(words.at(-1) ?? "")[0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** "4:49", "1:02:03". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The beginning of a day of the reader's clock ("2026-11-21"), or of the day after; null: no day. */
export function dayStart(day: string, after = 0): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return null;
  const at = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + after).getTime();
  return Number.isNaN(at) || at < 0 ? null : at;
}

/** The day of a moment on the reader's clock, as a date field has it. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
