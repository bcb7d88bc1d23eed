import {
  ArrowLeftRight,
  Ear,
  Hand,
  LogIn,
  LogOut,
  type LucideIcon,
  Megaphone,
  Speech,
  UserPlus,
  X,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Notice } from "../live/text/state";
import type { ConversationView } from "../wire/generated";
import css from "./Message.module.css";
import { sentenceOf } from "./notice";

/** One line of what happened besides messages. */
export function NoticeLine({ notice, view, me }: { notice: Notice; view: ConversationView; me: string }) {
  const { t } = useTranslation("chat");
  const Icon = iconOf(notice);
  return (
    <p className={css["line"]}>
      <Icon size={13} aria-hidden="true" />
      <span>{sentenceOf(t, notice, view, me)}</span>
    </p>
  );
}

function iconOf(notice: Notice): LucideIcon {
  switch (notice.kind) {
    case "joined":
      return notice.mode === "listen"
        ? Ear
        : notice.mode === "whisper"
          ? Speech
          : notice.mode === "barge"
            ? Megaphone
            : LogIn;
    case "barged":
      return Megaphone;
    case "left":
      return LogOut;
    case "tagged":
      return UserPlus;
    case "help":
      return Hand;
    case "transferring":
    case "transferred":
      return ArrowLeftRight;
    case "requested":
    case "settled":
      return notice.handover.kind === "conference" ? UserPlus : ArrowLeftRight;
    case "ended":
      return X;
  }
}
