import { EyeOff, Headset, type LucideIcon, User, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { isOpen, toneOf } from "../../../hearing/plan";
import { useLive } from "../../../live/hooks";
import { shortName } from "../../../ui/names";
import type { ConversationView, MemberView, Mode } from "../../../wire/generated";
import css from "./ChatPeople.module.css";

export interface ChatPeopleProps {
  view: ConversationView;
  me: string;
  /** Confirmed in this conversation. */
  mode: Mode | null;
}

/** Everybody in the conversation, and who of them knows of the user. */
export function ChatPeople({ view, me, mode }: ChatPeopleProps) {
  const { t } = useTranslation("supervisor");
  const notified = useLive((state) => state.policy.notify_agent_on_listen);
  const others = view.members.filter(({ user }) => user !== me);
  return (
    <ul className={css["people"]} aria-label={t("text.people")}>
      {others.map((member) => {
        const state = knows(member, me, mode, notified);
        const Icon = iconOf(member, state === "unaware");
        return (
          <li
            key={member.user}
            className={css["person"]}
            data-knows={state}
            data-mode={state === "seesYou" && mode ? toneOf(mode) : undefined}
            title={member.name}
          >
            <Icon size={16} aria-hidden="true" />
            <b>{shortName(member.name)}</b>
            <span>
              {t(`text.part.${member.part}`)} · {t(`text.knows.${state}`)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function iconOf({ part, mode }: MemberView, unaware: boolean): LucideIcon {
  if (mode) return MODE_ICONS[mode];
  if (part === "requester") return unaware ? EyeOff : User;
  return part === "agent" ? Headset : UserPlus;
}

/** What somebody in a conversation knows of the user; a key of the words. */
export type Knows = "unaware" | "seesYou" | "you" | "reads" | "whispers" | "joined";

/** What the others see of a supervisor in this mode: the customer in Barge and a take-over, staff from Whisper on. */
export function knows(member: MemberView, me: string, own: Mode | null, agentNotified: boolean): Knows {
  if (member.user === me) return "you";
  switch (member.part) {
    case "requester":
      return own !== null && isOpen(own) ? "seesYou" : "unaware";
    case "agent":
    case "colleague":
      return (own !== null && own !== "listen") || (own === "listen" && agentNotified) ? "seesYou" : "unaware";
    case "supervisor":
      return isOpen(member.mode) ? "joined" : member.mode === "whisper" ? "whispers" : "reads";
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
