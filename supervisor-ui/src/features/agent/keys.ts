import { KeySettings } from "../../keys/settings";

export type AgentAction = "accept" | "decline" | "mute" | "hold" | "hangup";

export const AGENT_ACTIONS: readonly AgentAction[] = ["accept", "decline", "mute", "hold", "hangup"];

export const agentKeys = new KeySettings<AgentAction>("sotto.keys.agent", {
  accept: "ctrl+shift+a",
  decline: "ctrl+shift+d",
  mute: "ctrl+shift+m",
  hold: "ctrl+shift+h",
  hangup: "ctrl+shift+e",
});

/** As `aria-keyshortcuts` wants it: "Control+Shift+A". */
export function ariaKey(chord: string): string {
  return chord
    .split("+")
    .map((part) => (part === "ctrl" ? "Control" : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("+");
}
