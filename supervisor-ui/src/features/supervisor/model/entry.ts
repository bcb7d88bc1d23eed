import { agentsIn } from "../../../live/text/select";
import type { CallView, ConversationView, Mode, MoodView } from "../../../wire/generated";
import { agentName, supervisorsOf } from "./call";

/** A row of the live table: a call, or a conversation of its own. */
export type Entry =
  | { readonly kind: "call"; readonly id: string; readonly call: CallView }
  | { readonly kind: "chat"; readonly id: string; readonly view: ConversationView };

/** A supervisor who is there, and how. */
export interface Present {
  readonly key: string;
  readonly user: string;
  readonly name: string;
  readonly mode: Mode;
}

/** All that goes on. What is written beside a call belongs to the call's row. */
export function entriesOf(calls: Iterable<CallView>, conversations: Iterable<ConversationView>): Entry[] {
  const live = [...calls]
    .filter(({ state }) => state !== "ended")
    .map((call): Entry => ({ kind: "call", id: call.id, call }));
  const chats = [...conversations]
    .filter(({ call, state }) => call === undefined && state !== "ended")
    .map((view): Entry => ({ kind: "chat", id: view.id, view }));
  return [...live, ...chats];
}

export function customerOf(entry: Entry): string {
  return entry.kind === "call" ? entry.call.caller.name : entry.view.requester.name;
}

/** The agents' names; of a conference all of them. */
export function agentsNameOf(entry: Entry): string {
  if (entry.kind === "call") return agentName(entry.call);
  return agentsIn(entry.view)
    .map(({ name }) => name)
    .join(", ");
}

export function queueOf(entry: Entry): string | undefined {
  return entry.kind === "call" ? entry.call.queue : entry.view.queue;
}

/** Whether somebody answers the customer; else it waits. */
export function isLiveEntry(entry: Entry): boolean {
  // In a call that an agent makes nobody waits for an agent.
  return entry.kind === "call"
    ? entry.call.state === "active" || entry.call.state === "dialing"
    : entry.view.state === "active";
}

/** When it began, Unix ms. */
export function begunAt(entry: Entry): number {
  return entry.kind === "call" ? entry.call.placed_at : entry.view.opened_at;
}

/** Since when the clock in the table runs: answered, or else begun. */
export function sinceOf(entry: Entry): number {
  return (entry.kind === "call" ? entry.call.answered_at : entry.view.answered_at) ?? begunAt(entry);
}

export function moodOf(entry: Entry): MoodView | undefined {
  return entry.kind === "call" ? entry.call.mood : entry.view.mood;
}

export function presentOf(entry: Entry): Present[] {
  if (entry.kind === "call")
    return supervisorsOf(entry.call).flatMap(({ id, user, name, mode }) =>
      mode ? [{ key: id, user, name, mode }] : [],
    );
  return entry.view.members.flatMap(({ user, name, mode }) => (mode ? [{ key: user, user, name, mode }] : []));
}

export type MoodWord = "calm" | "neutral" | "tense" | "upset";

/** From where on a value is called by the word before it. */
const CALM_MIN = 0.25;
const NEUTRAL_MIN = -0.2;
const TENSE_MIN = -0.55;

/** The word of a value between −1 and 1: an indicator, not a judgement. */
export function moodWord({ value }: MoodView): MoodWord {
  if (value >= CALM_MIN) return "calm";
  if (value >= NEUTRAL_MIN) return "neutral";
  return value >= TENSE_MIN ? "tense" : "upset";
}

export function isTense(mood: MoodView | undefined): boolean {
  return mood !== undefined && mood.value < NEUTRAL_MIN;
}
