import type { ConversationView, MemberView } from "../../wire/generated";
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
  return after.members
    .filter((member) => was.has(member.user) && member.mode === "barge" && was.get(member.user)?.mode !== "barge")
    .map(({ user, name }) => ({ kind: "barged", at, user: { user, name } }));
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
