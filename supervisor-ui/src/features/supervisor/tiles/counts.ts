import type { AgentView, CallView } from "../../../wire/generated";

export interface Counts {
  calls: number;
  held: number;
  waiting: number;
  /** When the one who waits longest called, Unix ms. */
  waitingSince: number | null;
  agents: number;
  ready: number;
  active: number;
}

/** The figures of the tiles. Agents who are signed out are not counted. */
export function countsOf(calls: Iterable<CallView>, agents: Iterable<AgentView>): Counts {
  const all = [...calls].filter((call) => call.state !== "ended");
  const waiting = all.filter((call) => call.state !== "active");
  const present = [...agents].filter((agent) => agent.state !== "offline");
  return {
    calls: all.length - waiting.length,
    held: all.filter((call) => call.state === "active" && call.held).length,
    waiting: waiting.length,
    waitingSince: waiting.length > 0 ? Math.min(...waiting.map((call) => call.placed_at)) : null,
    agents: present.length,
    ready: present.filter((agent) => agent.state === "ready").length,
    active: present.filter((agent) => agent.state === "active" || agent.state === "ringing").length,
  };
}

/** A request is known by its call and its time: a call may ask again. */
export function requestKey(call: CallView): string {
  return `${call.id} ${call.help?.requested_at ?? 0}`;
}

/** The name of the agent who asks. */
export function askingAgent(call: CallView): string {
  return call.legs.find((leg) => leg.id === call.help?.leg)?.name ?? "";
}

/** The newest request that nobody has taken up and that was not put off; and the newest that was taken up. */
export function newestHelp(calls: Iterable<CallView>, later: ReadonlySet<string>) {
  const asking = [...calls].filter((call) => call.help && call.state !== "ended").sort((a, b) => (b.help?.requested_at ?? 0) - (a.help?.requested_at ?? 0));
  return {
    open: asking.find((call) => !call.help?.taken_by && !later.has(requestKey(call))),
    taken: asking.find((call) => call.help?.taken_by),
  };
}
