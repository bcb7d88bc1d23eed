import { KeySettings } from "../../../keys/settings";

export type AgentAction = "accept" | "decline" | "mute" | "hold" | "hangup" | "transfer" | "conference" | "note";

export const AGENT_ACTIONS: readonly AgentAction[] = [
  "accept",
  "decline",
  "mute",
  "hold",
  "hangup",
  "transfer",
  "conference",
  "note",
];

export const agentKeys = new KeySettings<AgentAction>("sotto.keys.agent", {
  accept: "ctrl+shift+a",
  decline: "ctrl+shift+d",
  mute: "ctrl+shift+m",
  hold: "ctrl+shift+h",
  hangup: "ctrl+shift+e",
  // Browsers keep Ctrl+Shift+T and N for themselves.
  transfer: "ctrl+shift+x",
  conference: "ctrl+shift+j",
  note: "ctrl+shift+l",
});

/** As `aria-keyshortcuts` wants it: "Control+Shift+A". */
export function ariaKey(chord: string): string {
  return chord
    .split("+")
    .map((part) => (part === "ctrl" ? "Control" : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("+");
}
