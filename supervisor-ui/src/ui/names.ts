/** The part of a name that one is called by: "Ana" of "Ana Duarte". Numbers stay whole. */
export function shortName(name: string): string {
  const trimmed = name.trim();
  return /^[+\d]/.test(trimmed) ? trimmed : (trimmed.split(/\s+/)[0] ?? trimmed);
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = words[0]?.[0] ?? "";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** "4:49", "1:02:03". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
