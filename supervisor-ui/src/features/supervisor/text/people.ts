import type { ConversationView, MemberView, Mode } from "../../../wire/generated";

/** What somebody in a conversation knows of the user; a key of the words. */
export type Knows = "unaware" | "seesYou" | "you" | "reads" | "whispers" | "joined";

/** What the others see of a supervisor in this mode: the customer only in Barge, staff from Whisper on. */
export function knows(member: MemberView, me: string, own: Mode | null, agentNotified: boolean): Knows {
  if (member.user === me) return "you";
  switch (member.part) {
    case "requester":
      return own === "barge" ? "seesYou" : "unaware";
    case "agent":
    case "colleague":
      return own === "whisper" || own === "barge" || (own === "listen" && agentNotified) ? "seesYou" : "unaware";
    case "supervisor":
      return member.mode === "barge" ? "joined" : member.mode === "whisper" ? "whispers" : "reads";
  }
}

/** The one person a whisper reaches; undefined where several read it. */
export function reachedAlone(view: ConversationView, me: string): MemberView | undefined {
  const staff = view.members.filter(({ part, user }) => part !== "requester" && user !== me);
  return staff.length === 1 ? staff[0] : undefined;
}

/** The agents of a conversation, the first one first. */
export function agentsOf(view: ConversationView): MemberView[] {
  return view.members.filter(({ part }) => part === "agent");
}
