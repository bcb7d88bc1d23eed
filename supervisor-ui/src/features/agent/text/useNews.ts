import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLiveStore } from "../../../live/hooks";
import type { Notice } from "../../../live/text/state";
import { conversationOf } from "../../../live/text/select";
import { sentenceOf } from "../../../chat/notice";
import { KNOCK } from "../../../media/ringer";
import { useSession } from "../../../session/session";
import { toast } from "../../../ui/toasts";
import type { Envelope, TextEnvelope } from "../../../wire/generated";
import { useDeskTools } from "../desk/hooks";

/** Tells by toast what happened to requests and in conversations that may be out of sight. */
export function useNews(): void {
  const { t } = useTranslation("agent");
  const { t: chat } = useTranslation("chat");
  const live = useLiveStore();
  const { user } = useSession();
  const { ringer } = useDeskTools();
  useEffect(() => {
    const tell = (envelope: TextEnvelope) => {
      switch (envelope.type) {
        case "conversation.offered":
          return ringer.once(KNOCK);
        case "conversation.offer_ended":
          if (envelope.taken_by && envelope.taken_by.user !== user.id)
            toast(t("text.takenBy", { name: envelope.taken_by.name }));
          return;
        case "conversation.tagged":
          toast(t("text.tagged", { name: envelope.by.name, customer: envelope.conversation.requester.name }));
          return;
        case "conversation.handover_ended": {
          if (envelope.handover.from.user !== user.id) return;
          const view = conversationOf(live.getState().text, envelope.conversation);
          const notice: Notice = {
            kind: "settled",
            at: envelope.at,
            handover: envelope.handover,
            outcome: envelope.outcome,
          };
          if (view && envelope.outcome !== "cancelled")
            toast(
              `${view.requester.name}: ${sentenceOf(chat, notice, view, user.id)}`,
              envelope.outcome === "accepted" ? "done" : "refused",
            );
          return;
        }
        default:
      }
    };
    const tellOfCall = (envelope: Envelope) => {
      if (envelope.type !== "call.handover_ended" || envelope.handover.from.user !== user.id) return;
      const {
        outcome,
        handover: { kind, to_name: to },
      } = envelope;
      if (outcome === "no_agents")
        toast(chat(kind === "conference" ? "notice.noAgentsConference" : "notice.noAgents"), "refused");
      if (outcome === "declined") toast(chat("notice.declined", { to }), "refused");
    };
    const untie = [live.tapText(tell), live.tap(tellOfCall)];
    return () => untie.forEach((undo) => undo());
  }, [live, ringer, t, chat, user.id]);
}
