import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLiveStore } from "../../../live/hooks";
import type { Notice } from "../../../live/text/state";
import { conversationOf } from "../../../live/text/select";
import { sentenceOf } from "../../../chat/notice";
import { useSession } from "../../../session/session";
import { toast } from "../../../ui/toasts";
import type { TextEnvelope } from "../../../wire/generated";

/** Tells by toast what happened in conversations that may be out of sight. */
export function useTextNews(): void {
  const { t } = useTranslation("agent");
  const { t: chat } = useTranslation("chat");
  const live = useLiveStore();
  const { user } = useSession();
  useEffect(() => {
    const tell = (envelope: TextEnvelope) => {
      switch (envelope.type) {
        case "conversation.offer_ended":
          if (envelope.taken_by && envelope.taken_by.user !== user.id) toast(t("text.takenBy", { name: envelope.taken_by.name }));
          return;
        case "conversation.tagged":
          toast(t("text.tagged", { name: envelope.by.name, customer: envelope.conversation.requester.name }));
          return;
        case "conversation.handover_ended": {
          if (envelope.handover.from.user !== user.id) return;
          const view = conversationOf(live.getState().text, envelope.conversation);
          const notice: Notice = { kind: "settled", at: envelope.at, handover: envelope.handover, outcome: envelope.outcome };
          if (view && envelope.outcome !== "cancelled") toast(`${view.requester.name}: ${sentenceOf(chat, notice, view, user.id)}`, envelope.outcome === "accepted" ? "done" : "refused");
          return;
        }
        default:
      }
    };
    return live.tapText(tell);
  }, [live, t, chat, user.id]);
}
