import type {
  CallReport,
  CallReportFigures,
  CallView,
  ConversationView,
  Queue,
  ServiceGoal,
} from "../../../wire/generated";

/** One queue, at this moment and today. */
export interface QueueRow {
  readonly queue: Queue;
  /** Calls that no agent has answered. */
  readonly calls: number;
  /** Chats that no agent has answered. */
  readonly chats: number;
  /** When the one who waits longest came, Unix ms; null: nobody waits. */
  readonly since: number | null;
  /** Today's calls; undefined while it is not known. */
  readonly today: CallReportFigures | undefined;
  readonly goal: ServiceGoal | undefined;
}

/** The queues by name. */
export function queuesOf(
  queues: readonly Queue[],
  calls: Iterable<CallView>,
  conversations: Iterable<ConversationView>,
  today: CallReport | undefined,
): readonly QueueRow[] {
  const waiting = [
    ...[...calls]
      .filter(({ state, answered_at }) => answered_at === undefined && state !== "ended")
      .map(({ queue, placed_at }) => ({ kind: "calls" as const, queue, since: placed_at })),
    ...[...conversations]
      .filter(({ call, answered_at, state }) => call === undefined && answered_at === undefined && state !== "ended")
      .map(({ queue, opened_at }) => ({ kind: "chats" as const, queue, since: opened_at })),
  ];
  return queues
    .map((queue) => {
      const here = waiting.filter((one) => one.queue === queue.id);
      const row = today?.rows.find((one) => one.queue === queue.id);
      return {
        queue,
        calls: here.filter(({ kind }) => kind === "calls").length,
        chats: here.filter(({ kind }) => kind === "chats").length,
        since: here.length === 0 ? null : Math.min(...here.map(({ since }) => since)),
        today: row?.figures,
        goal: row?.goal,
      };
    })
    .toSorted((a, b) => a.queue.name.localeCompare(b.queue.name));
}

/**
 * The part of the calls that were answered within their goal, in percent, of those that were answered or
 * hung up by their callers; null: there was none.
 */
export function levelOf(figures: CallReportFigures | undefined): number | null {
  const counted = (figures?.answered ?? 0) + (figures?.abandoned ?? 0);
  return counted === 0 ? null : Math.floor(((figures?.within_goal ?? 0) / counted) * 100);
}
