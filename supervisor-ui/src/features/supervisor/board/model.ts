import type { AgentView, CallReport, CallReportFigures, CallView, ConversationView } from "../../../wire/generated";

/** What an agent does, as the board groups it. */
export type BoardState = "active" | "chats" | "ringing" | "ready" | "not_ready" | "offline";

/** One agent on the board. */
export interface BoardRow {
  readonly agent: AgentView;
  readonly state: BoardState;
  /** The call that they are on, or that rings at them. */
  readonly call: CallView | null;
  readonly chats: readonly ConversationView[];
  /** Calls of today, and chats that were missed; undefined while it is not known. */
  readonly today: CallReportFigures | undefined;
}

/** The agents by name, each with what they work on. Who only supervises is not among them. */
export function boardOf(
  agents: Iterable<AgentView>,
  calls: Iterable<CallView>,
  conversations: Iterable<ConversationView>,
  today: CallReport | undefined,
): readonly BoardRow[] {
  const onCall = new Map<string, CallView>();
  for (const call of calls) {
    if (call.state === "ended") continue;
    call.legs.filter(({ role }) => role === "agent").forEach(({ user }) => onCall.set(user, call));
    if (call.ringing && !onCall.has(call.ringing.user)) onCall.set(call.ringing.user, call);
  }
  const chats = new Map<string, ConversationView[]>();
  for (const conversation of conversations) {
    // Text beside a call is that call's.
    if (conversation.call !== undefined) continue;
    conversation.members
      .filter(({ part }) => part === "agent")
      .forEach(({ user }) => chats.set(user, [...(chats.get(user) ?? []), conversation]));
  }
  const figures = new Map(today?.rows.map((row) => [row.agent?.user ?? "", row.figures]));
  return [...agents]
    .filter(({ supervisor }) => supervisor !== true)
    .map((agent) => {
      const own = chats.get(agent.user) ?? [];
      const call = onCall.get(agent.user) ?? null;
      return { agent, state: stateOf(agent, own.length), call, chats: own, today: today && figuresOf(figures, agent) };
    })
    .toSorted((a, b) => a.agent.name.localeCompare(b.agent.name) || a.agent.user.localeCompare(b.agent.user));
}

/** Whoever writes in chats works, though calls may still ring at them. */
function stateOf({ state }: AgentView, chats: number): BoardState {
  return chats > 0 && (state === "ready" || state === "not_ready") ? "chats" : state;
}

const NONE: CallReportFigures = {
  offered: 0,
  answered: 0,
  abandoned: 0,
  within_goal: 0,
  missed: 0,
  missed_chats: 0,
  declined: 0,
};

/** No row is no call: the report leaves out whom nothing came to. */
function figuresOf(figures: ReadonlyMap<string, CallReportFigures>, { user }: AgentView): CallReportFigures {
  return figures.get(user) ?? NONE;
}

/** Calls and chats that were missed; undefined while it is not known. */
export function missedOf(today: CallReportFigures | undefined): number | undefined {
  return today && today.missed + today.missed_chats;
}

export const BOARD_STATES: readonly BoardState[] = ["active", "chats", "ringing", "ready", "not_ready", "offline"];

/** How many agents do what. */
export function countsOf(rows: readonly BoardRow[]): Readonly<Record<BoardState, number>> {
  const counts = { active: 0, chats: 0, ringing: 0, ready: 0, not_ready: 0, offline: 0 };
  rows.forEach(({ state }) => {
    counts[state] += 1;
  });
  return counts;
}
