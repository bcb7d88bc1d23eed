import { KeySettings } from "../../../keys/settings";

export type SupervisorAction =
  | "listen"
  | "whisper"
  | "barge"
  | "take_over"
  | "hold"
  | "stop"
  | "private"
  | "help"
  | "search"
  | "shortcuts";

export const SUPERVISOR_ACTIONS: readonly SupervisorAction[] = [
  "listen",
  "whisper",
  "barge",
  "take_over",
  "hold",
  "stop",
  "private",
  "help",
  "search",
  "shortcuts",
];

export const supervisorKeys = new KeySettings<SupervisorAction>("sotto.keys.supervisor", {
  listen: "l",
  whisper: "w",
  barge: "b",
  take_over: "o",
  hold: "v",
  stop: "s",
  private: "t",
  help: "h",
  search: "/",
  shortcuts: "?",
});

/** Where a supervisor's own pages are. */
export const LIVE = "/supervisor";
export const HELP = "/supervisor/help";

/** Which of the two a path names; what is unknown is the live page. */
export function placeOf(path: string): "live" | "help" {
  return path === HELP || path.startsWith(`${HELP}/`) ? "help" : "live";
}
