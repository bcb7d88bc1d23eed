import type { ConversationView, MemberView } from "../wire/generated";

/** Something that happened in the conversation, to be shown between its messages. */
export type Notice = { readonly key: string; readonly at: number } & (
  | { readonly kind: "joined" | "left"; readonly name: string }
  | { readonly kind: "transferring"; readonly to: string }
  /** "No agents were available". */
  | { readonly kind: "nobody" }
  | { readonly kind: "ended" }
);

/**
 * What happened between two states of the conversation; `before` is null for the first one. That it
 * compares states and not events makes a lost connection harmless. The same thing has the same key.
 */
export function noticesOf(before: ConversationView | null, now: ConversationView, at: number): Notice[] {
  const isOver = now.state === "ended";
  const joined = missingFrom(before, now).map((member): Notice => ({
    kind: "joined",
    key: `joined ${member.user} ${member.since}`,
    at: member.since,
    name: member.name,
  }));
  // Everybody leaves with the end; that goes without saying.
  const left =
    before === null || isOver
      ? []
      : missingFrom(now, before).map((member): Notice => ({
          kind: "left",
          key: `left ${member.user} ${member.since}`,
          at,
          name: member.name,
        }));
  const notices: Notice[] = [];
  if (now.transferring_to !== undefined && now.transferring_to !== before?.transferring_to) {
    notices.push({ kind: "transferring", key: `transferring ${at}`, at, to: now.transferring_to });
  }
  notices.push(...left, ...joined);
  const came = missingFrom(before, now).some(({ part }) => part === "agent");
  const failed = before?.transferring_to !== undefined && now.transferring_to === undefined && !came && !isOver;
  if (failed || (isOver && now.end_reason === "no_agents" && before?.state !== "ended"))
    notices.push({ kind: "nobody", key: `nobody ${at}`, at });
  if (isOver && before?.state !== "ended") notices.push({ kind: "ended", key: "ended", at });
  return notices;
}

/** Members of `state` who are not in `known`, other than the customer. */
function missingFrom(known: ConversationView | null, state: ConversationView): MemberView[] {
  const before = new Set(known?.members.map(({ user, since }) => `${user} ${since}`));
  return state.members.filter(({ part, user, since }) => part !== "requester" && !before.has(`${user} ${since}`));
}
