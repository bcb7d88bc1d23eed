import { useTranslation } from "react-i18next";
import { ApiError } from "../../../api/http";
import { navigate } from "../../../browser/address";
import type { Handover } from "../../../chat/HandoverDialog";
import { useTextTools } from "../../../live/hooks";
import { toast } from "../../../ui/toasts";
import type { ConversationOffer, ConversationView } from "../../../wire/generated";
import { useDeskTools } from "../desk/hooks";

/** Where the conversations are. */
const HOME = "/agent";

/** What an agent can do in a conversation. What the server refuses is told in its words. */
export function useConversationActions(view: ConversationView) {
  const { t } = useTranslation("chat");
  const { api } = useTextTools();
  const { id } = view;
  return {
    raise: (reason: string | undefined) =>
      told(api.help(id, { action: "raise", ...(reason !== undefined && { reason }) }), t("help.sent")),
    withdraw: () => void told(api.help(id, { action: "close" })),
    handOver: (kind: "transfer" | "conference", { to, note }: Handover) => {
      const body = { to, ...(note !== undefined && { note }) };
      return kind === "transfer" ? api.transfer(id, { ...body, consult: false }) : api.confer(id, body);
    },
    takeBack: (handover: string) => void told(api.takeBack(id, handover)),
    leave: () => void told(api.leave(id)),
    end: () => void told(api.end(id)),
  };
}

/** Accepts and declines what is offered, and picks what waits. */
export function useOfferActions() {
  const { t } = useTranslation("agent");
  const { api } = useTextTools();
  const { tabs } = useDeskTools();
  const take = async (conversation: string, handover?: string) => {
    try {
      const { id } = await api.accept(conversation, handover === undefined ? {} : { handover });
      tabs.choose(id);
      if (location.pathname !== HOME) navigate(HOME);
    } catch (error) {
      // "Luis Herrera has taken it.": the server says who was faster.
      toast(error instanceof ApiError && error.unanswered ? t("text.noAnswer") : messageOf(error), "refused");
    }
  };
  return {
    accept: (offer: ConversationOffer) => take(offer.conversation.id, offer.handover?.id),
    decline: (offer: ConversationOffer) =>
      told(api.decline(offer.conversation.id, offer.handover ? { handover: offer.handover.id } : {})),
    pick: (view: ConversationView) => take(view.id),
  };
}

async function told(request: Promise<unknown>, done?: string): Promise<void> {
  try {
    await request;
    if (done !== undefined) toast(done);
  } catch (error) {
    toast(messageOf(error), "refused");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
