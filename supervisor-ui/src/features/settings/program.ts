/** What a browser or program calls itself, as people call it. */
export interface Program {
  /** Null: it did not say. */
  readonly name: string | null;
  readonly system: string | null;
}

/** By the product that is this browser's own: each names those before it, too. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\b(?:Headless)?Chrome\/|\bCriOS\//, "Chrome"],
  [/\bVersion\/[\d.]+ .*Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\bWindows NT\b/, "Windows"],
  [/\biPhone\b|\biPad\b/, "iOS"],
  [/\bMac OS X\b/, "macOS"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** Reads `User-Agent` (RFC 9110 §10.1.5). A program that is none of the browsers is called by its first product. */
export function programOf(userAgent: string): Program {
  const known = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
  const product = /^[^\s/]+/.exec(userAgent)?.[0] ?? null;
  return { name: known(BROWSERS) ?? product, system: known(SYSTEMS) };
}
