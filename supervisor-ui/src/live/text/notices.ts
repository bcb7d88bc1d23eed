import type { ConversationView, MemberView, Mode } from "../../wire/generated";
import type { Notice, TextState } from "./state";

/** Lines kept a conversation. */
const NOTICES_MAX = 200;

/** The state with one more line in a conversation's timeline; the same line twice is one. */
export function noticed(state: TextState, conversation: string, notice: Notice): TextState {
  const known = state.notices.get(conversation) ?? [];
  if (known.some((other) => same(other, notice))) return state;
  const lines = [...known, notice].toSorted((a, b) => a.at - b.at).slice(-NOTICES_MAX);
  return { ...state, notices: new Map(state.notices).set(conversation, lines) };
}

/** What can be told from the whole alone, where the events that led to it were missed. */
export function linesOf(view: ConversationView): readonly Notice[] {
  const came = view.members.filter(({ part }) => part !== "requester").map(joinedAt);
  const help: Notice[] = view.help
    ? [{ kind: "help", at: view.help.taken_at ?? view.help.raised_at, help: view.help }]
    : [];
  const requests = (view.handovers ?? []).map((handover): Notice => ({
    kind: "requested",
    at: handover.requested_at,
    handover,
  }));
  return [...came, ...help, ...requests].toSorted((a, b) => a.at - b.at);
}

/** The lines that follow from how a conversation changed. */
export function differences(before: ConversationView | undefined, after: ConversationView, at: number): Notice[] {
  if (!before) return [];
  const was = new Map(before.members.map((member) => [member.user, member]));
  return after.members.flatMap(({ user, name, mode }) => {
    const kind = was.has(user) ? stepOf(was.get(user)?.mode, mode) : null;
    return kind ? [{ kind, at, user: { user, name } }] : [];
  });
}

/** What a supervisor's other mode means to the customer and the agents; null: nothing is different for them. */
function stepOf(from: Mode | undefined, to: Mode | undefined): "barged" | "taken_over" | "handed_back" | null {
  if (from === to) return null;
  if (to === "take_over") return "taken_over";
  if (to === "barge") return from === "take_over" ? "handed_back" : "barged";
  return from === "take_over" ? "handed_back" : null;
}

export function joinedAt(member: MemberView): Notice {
  const { user, name, part, mode, since } = member;
  return { kind: "joined", at: since, user: { user, name }, part, ...(mode && { mode }) };
}

function same(a: Notice, b: Notice): boolean {
  return a.kind === b.kind && a.at === b.at && who(a) === who(b);
}

function who(notice: Notice): string {
  switch (notice.kind) {
    case "joined":
    case "barged":
    case "taken_over":
    case "handed_back":
    case "left":
      return notice.user.user;
    case "tagged":
      return notice.by.user;
    case "requested":
    case "settled":
      return notice.handover.id;
    case "help":
      return notice.help.state;
    case "transferring":
    case "transferred":
      return notice.to;
    case "ended":
      return "";
  }
}
