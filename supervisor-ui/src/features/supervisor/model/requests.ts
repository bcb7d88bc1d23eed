import type { CallView, ConversationView, HelpState, UserRef } from "../../../wire/generated";
import type { Entry } from "./entry";

/** A raised hand, on a call or in a conversation. */
export interface Request {
  /** An interaction may ask again: known by it and by the time. */
  readonly key: string;
  readonly kind: "call" | "chat";
  /** The call's or the conversation's id. */
  readonly id: string;
  readonly agent: string;
  readonly customer: string;
  readonly channel: string;
  readonly queue: string | undefined;
  readonly reason: string | undefined;
  readonly state: HelpState;
  /** Unix ms. */
  readonly raisedAt: number;
  readonly takenBy: UserRef | undefined;
}

/** The request of a call, if there is one that nobody has closed. */
export function callRequest(call: CallView): Request | undefined {
  const { help } = call;
  if (!help || call.state === "ended" || !isUp(help.state)) return undefined;
  return {
    key: `${call.id} ${help.requested_at}`,
    kind: "call",
    id: call.id,
    channel: "voice",
    queue: call.queue,
    reason: help.reason,
    agent: call.legs.find((leg) => leg.id === help.leg)?.name ?? "",
    customer: call.caller.name,
    state: help.state,
    raisedAt: help.requested_at,
    takenBy: help.taken_by,
  };
}

/** The request of a conversation, if there is one that nobody has closed. */
export function chatRequest(view: ConversationView): Request | undefined {
  const { help } = view;
  if (!help || view.call !== undefined || view.state === "ended" || !isUp(help.state)) return undefined;
  return {
    key: `${view.id} ${help.raised_at}`,
    kind: "chat",
    id: view.id,
    channel: view.channel,
    queue: view.queue,
    reason: help.reason,
    agent: help.agent.name,
    customer: view.requester.name,
    state: help.state,
    raisedAt: help.raised_at,
    takenBy: help.taken_by,
  };
}

export function helpOf(entry: Entry): Request | undefined {
  return entry.kind === "call" ? callRequest(entry.call) : chatRequest(entry.view);
}

/** All requests of calls and conversations, those that nobody has taken up first, then the oldest first. */
export function requestsOf(entries: Iterable<Entry>): Request[] {
  return [...entries]
    .flatMap((entry) => helpOf(entry) ?? [])
    .toSorted((a, b) => Number(a.takenBy !== undefined) - Number(b.takenBy !== undefined) || a.raisedAt - b.raisedAt);
}

/** The newest request that nobody has taken up and that was not put off; and the newest that was taken up. */
export function newestHelp(
  requests: readonly Request[],
  later: ReadonlySet<string>,
): { open: Request | undefined; taken: Request | undefined } {
  const newest = requests.toSorted((a, b) => b.raisedAt - a.raisedAt);
  return {
    open: newest.find(({ key, takenBy }) => !takenBy && !later.has(key)),
    taken: newest.find(({ takenBy }) => takenBy),
  };
}

function isUp(state: HelpState): boolean {
  return state === "open" || state === "in_progress";
}
