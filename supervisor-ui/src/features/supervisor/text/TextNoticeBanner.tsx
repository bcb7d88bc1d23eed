import type { TFunction } from "i18next";
import { MessageSquareOff, RefreshCw, TriangleAlert, Undo2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../../ui/Banner";
import { IconButton } from "../../../ui/Button";
import { useSupervisions } from "../supervision/hooks";
import type { CommonNotice } from "../supervision/controller";
import type { TextNotice } from "../supervision/conversation";

const ICONS = {
  refused: TriangleAlert,
  ended: MessageSquareOff,
  withdrawn: MessageSquareOff,
  reconnected: RefreshCw,
  fell_back: Undo2,
};

/** One sentence that keeps the truth. */
export function TextNoticeBanner({ notice }: { notice: TextNotice | CommonNotice }) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  const Icon = ICONS[notice.kind];
  return (
    <Banner
      icon={<Icon size={16} aria-hidden="true" />}
      actions={
        <IconButton aria-label={t("actions.dismiss")} onPress={() => chats.dismissNotice()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      {sentence(t, notice)}
    </Banner>
  );
}

function sentence(t: TFunction<"supervisor">, notice: TextNotice | CommonNotice): string {
  switch (notice.kind) {
    case "reconnected":
    case "fell_back":
      return t(`text.notice.${notice.kind}`);
    case "refused":
      return t(`text.notice.refused.${notice.mode}`, { detail: notice.detail });
    case "ended":
    case "withdrawn":
      return (
        t(`text.notice.${notice.kind}`) +
        t(notice.seen ? "text.notice.off" : "text.notice.unseen", { customer: notice.customer })
      );
  }
}
