import type { TFunction } from "i18next";
import type { Notice } from "../live/text/state";
import type { ConversationView, HandoverView, UserRef } from "../wire/generated";
import "./words";

/** What a line says, in the words of the reader. */
export function sentenceOf(t: TFunction<"chat">, notice: Notice, view: ConversationView, me: string): string {
  const customer = view.requester.name;
  switch (notice.kind) {
    case "joined":
      return joined(t, notice, me);
    case "barged":
      return notice.user.user === me ? t("notice.youJoined") : t("notice.joined", { name: notice.user.name });
    case "taken_over":
      return notice.user.user === me ? t("notice.youTookOver") : t("notice.tookOver", { name: notice.user.name });
    case "handed_back":
      return notice.user.user === me ? t("notice.youHandedBack") : t("notice.handedBack", { name: notice.user.name });
    case "left":
      return notice.user.user === me ? t("notice.youLeft") : t("notice.left", { name: notice.user.name });
    case "tagged":
      return t("notice.tagged", { name: notice.by.name });
    case "help":
      return help(t, notice, me);
    case "transferring":
      return t("notice.transferring", { name: customer, to: notice.to });
    case "transferred":
      return t(view.call === undefined ? "notice.transferred" : "notice.callTransferred");
    case "requested":
      return requested(t, notice.handover, me);
    case "settled":
      return settled(t, notice);
    case "ended":
      return ended(t, notice, customer);
  }
}

function joined(t: TFunction<"chat">, { user, mode }: Extract<Notice, { kind: "joined" }>, me: string): string {
  const { name } = user;
  const own = user.user === me;
  if (mode === "listen") return own ? t("notice.youRead") : t("notice.reads", { name });
  if (mode === "take_over") return own ? t("notice.youTookOver") : t("notice.tookOver", { name });
  if (mode === "whisper") return own ? t("notice.youWhisper") : t("notice.whispers", { name });
  return own ? t("notice.youJoined") : t("notice.joined", { name });
}

function help(
  t: TFunction<"chat">,
  { help: { state, agent, reason, taken_at, taken_by } }: Extract<Notice, { kind: "help" }>,
  me: string,
): string {
  switch (state) {
    case "open": {
      // Whoever had taken it up has left.
      if (taken_at !== undefined) return t("notice.helpWaits");
      const what = agent.user === me ? t("notice.youAsked") : t("notice.asked", { name: agent.name });
      return reason ? t("notice.reason", { what, reason }) : what;
    }
    case "in_progress":
      return t("notice.helpTaken", { name: taken_by?.name ?? "" });
    case "closed":
      return t("notice.helpClosed");
    case "cancelled":
      return t("notice.helpCancelled");
  }
}

function requested(t: TFunction<"chat">, { kind, from, to_name: to }: HandoverView, me: string): string {
  return t(`notice.${kind}Requested`, { name: nameOf(t, from, me), to });
}

function settled(t: TFunction<"chat">, { handover, outcome }: Extract<Notice, { kind: "settled" }>): string {
  const conference = handover.kind === "conference";
  switch (outcome) {
    case "accepted":
      return t(conference ? "notice.conferenceAccepted" : "notice.transferAccepted");
    case "no_agents":
      return t(conference ? "notice.noAgentsConference" : "notice.noAgents");
    case "declined":
      return t("notice.declined", { to: handover.to_name });
    case "cancelled":
      return t("notice.cancelled", { to: handover.to_name });
  }
}

function ended(t: TFunction<"chat">, { reason }: Extract<Notice, { kind: "ended" }>, customer: string): string {
  if (reason === "requester") return t("notice.endedByRequester", { name: customer });
  if (reason === "no_agents") return t("notice.noAgents");
  return t(reason === "server" ? "notice.endedByServer" : "notice.endedByAgent");
}

function nameOf(t: TFunction<"chat">, { user, name }: UserRef, me: string): string {
  return user === me ? t("notice.you") : t("notice.person", { name });
}
