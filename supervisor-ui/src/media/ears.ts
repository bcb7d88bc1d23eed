import { local } from "../browser/storage";

const STORED = "sotto.ears";

/** How the ears are used: everything in both, or the caller in the left one and a whisper in the right one. */
export type Ears = "both" | "split";

/** What was chosen at this browser. */
export function ears(): Ears {
  return local.get(STORED) === "split" ? "split" : "both";
}

export function keepEars(ears: Ears): void {
  local.set(STORED, ears === "split" ? ears : null);
}
