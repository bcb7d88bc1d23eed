import { Ear, EyeOff, Headset, type LucideIcon, Megaphone, Speech, User, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { shortName } from "../../../ui/names";
import type { ConversationView, MemberView, Mode } from "../../../wire/generated";
import css from "./ChatPeople.module.css";
import { knows } from "./people";

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
            data-mode={state === "seesYou" ? mode : undefined}
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
  if (mode) return { listen: Ear, whisper: Speech, barge: Megaphone }[mode];
  if (part === "requester") return unaware ? EyeOff : User;
  return part === "agent" ? Headset : UserPlus;
}
