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
