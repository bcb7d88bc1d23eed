import { exactTime } from "../../ui/time";
import type { TFunction } from "i18next";
import {
  type LucideIcon,
  MessageSquareOff,
  MicOff,
  PhoneOff,
  RefreshCw,
  TriangleAlert,
  Undo2,
  WifiOff,
  X,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useLiveStore } from "../../live/hooks";
import type { Connection } from "../../live/state";
import { Banner } from "../../ui/Banner";
import { Button, IconButton } from "../../ui/Button";
import type { CallNotice } from "./supervision/call";
import type { CommonNotice } from "./supervision/controller";
import type { TextNotice } from "./supervision/conversation";
import { useCallStatement, useSupervisions } from "./supervision/hooks";

const CALL_ICONS = {
  refused: TriangleAlert,
  ended: PhoneOff,
  reconnected: RefreshCw,
  media_lost: WifiOff,
  fell_back: MicOff,
  no_microphone: MicOff,
};

const TEXT_ICONS = {
  refused: TriangleAlert,
  ended: MessageSquareOff,
  withdrawn: MessageSquareOff,
  reconnected: RefreshCw,
  fell_back: Undo2,
};

type T = TFunction<"supervisor">;

/** What became of supervision on a call. */
export function CallNoticeBanner({ notice }: { notice: CallNotice | CommonNotice }) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const elsewhere = useCallStatement().mode === "elsewhere";
  const moved = elsewhere && notice.kind === "ended" && notice.cause === "withdrawn";
  const text = moved ? t("notice.moved") : onCall(t, notice);
  return <NoticeBanner icon={CALL_ICONS[notice.kind]} text={text} onDismiss={() => calls.dismissNotice()} />;
}

/** What became of supervision in a conversation. */
export function TextNoticeBanner({ notice }: { notice: TextNotice | CommonNotice }) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  return (
    <NoticeBanner icon={TEXT_ICONS[notice.kind]} text={inText(t, notice)} onDismiss={() => chats.dismissNotice()} />
  );
}

/** One sentence that keeps the truth, until the next wish or until it is closed. */
function NoticeBanner({ icon: Icon, text, onDismiss }: { icon: LucideIcon; text: string; onDismiss: () => void }) {
  const { t } = useTranslation("supervisor");
  return (
    <Banner
      icon={<Icon size={16} aria-hidden="true" />}
      actions={
        <IconButton aria-label={t("actions.dismiss")} onPress={onDismiss}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      {text}
    </Banner>
  );
}

function onCall(t: T, notice: CallNotice | CommonNotice): string {
  switch (notice.kind) {
    case "reconnected":
      return t(notice.over ? "notice.reconnectedOver" : "notice.reconnected");
    case "fell_back":
      return t(`notice.fell_back.${notice.cause}`, { agent: notice.agent });
    case "media_lost":
    case "no_microphone":
      return t(`notice.${notice.kind}`);
    case "refused":
      return t(`notice.refused.${notice.mode}`, { detail: notice.detail });
    case "ended": {
      const { cause, agent, caller, callerKnew } = notice;
      const end = t(`notice.ended.${cause}`, { agent, caller });
      return end + (callerKnew || cause === "caller" ? t("notice.ended.off") : t("notice.ended.unheard", { caller }));
    }
  }
}

function inText(t: T, notice: TextNotice | CommonNotice): string {
  switch (notice.kind) {
    case "reconnected":
      return t(notice.over ? "text.notice.reconnectedOver" : "text.notice.reconnected");
    case "fell_back":
      return t("text.notice.fell_back");
    case "refused":
      return t(`text.notice.refused.${notice.mode}`, { detail: notice.detail });
    case "ended":
    case "withdrawn": {
      const { kind, customer, seen } = notice;
      return t(`text.notice.${kind}`) + t(seen ? "text.notice.off" : "text.notice.unseen", { customer });
    }
  }
}

/** Shown while the server cannot be heard. */
export function LostBanner({
  connection,
  supervised,
}: {
  connection: Connection & { kind: "lost" };
  supervised: boolean;
}) {
  const { t } = useTranslation("supervisor");
  const live = useLiveStore();
  const seconds = useTicking(() => Math.floor((Date.now() - connection.since) / 1000));
  const time = exactTime(connection.heardAt);
  return (
    <Banner
      icon={<WifiOff size={16} aria-hidden="true" />}
      announced={t(supervised ? "notice.lostSaid" : "notice.lostIdleSaid", { time })}
      actions={
        <Button size="small" onPress={() => live.retryNow()}>
          <RefreshCw size={14} aria-hidden="true" />
          {t("actions.retry")}
        </Button>
      }
    >
      {t(supervised ? "notice.lost" : "notice.lostIdle", { seconds, time })}
    </Banner>
  );
}
