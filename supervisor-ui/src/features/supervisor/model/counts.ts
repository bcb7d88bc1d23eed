import type { AgentView } from "../../../wire/generated";
import { begunAt, type Entry, isLiveEntry } from "./entry";

export interface Counts {
  calls: number;
  held: number;
  chats: number;
  waiting: number;
  /** When the one who waits longest came, Unix ms. */
  waitingSince: number | null;
  agents: number;
  ready: number;
  active: number;
}

/** The figures of the tiles. Agents who are signed out are not counted. */
export function countsOf(entries: readonly Entry[], agents: Iterable<AgentView>): Counts {
  const live = entries.filter(isLiveEntry);
  const calls = live.filter(({ kind }) => kind === "call");
  const waiting = entries.filter((entry) => !isLiveEntry(entry));
  const present = [...agents].filter((agent) => agent.state !== "offline");
  return {
    calls: calls.length,
    held: calls.filter((entry) => entry.kind === "call" && entry.call.held).length,
    chats: live.length - calls.length,
    waiting: waiting.length,
    waitingSince:
      waiting.length > 0
        ? waiting.reduce((first, entry) => Math.min(first, begunAt(entry)), Number.POSITIVE_INFINITY)
        : null,
    agents: present.length,
    ready: present.filter((agent) => agent.state === "ready").length,
    active: present.filter((agent) => agent.state === "active" || agent.state === "ringing").length,
  };
}
