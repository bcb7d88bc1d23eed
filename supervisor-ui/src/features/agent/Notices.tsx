import { ArrowLeftRight, MicOff, PhoneMissed, PhoneOff, TriangleAlert, WifiOff, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { useLive } from "../../live/hooks";
import { Banner } from "../../ui/Banner";
import { Button, IconButton } from "../../ui/Button";
import { useStationView } from "../../media/hooks";
import type { Notice } from "./desk/desk";
import { useDesk, useDeskView } from "./desk/hooks";
import type { Phase } from "./desk/phase";

const ICONS = {
  transferred: ArrowLeftRight,
  microphone: MicOff,
  media: WifiOff,
  missed: PhoneMissed,
  gone: PhoneOff,
  ended: PhoneOff,
  failed: TriangleAlert,
};

/** What went wrong or is over, in one sentence each. */
export function Notices({ phase }: { phase: Phase }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { notice } = useDeskView();
  const lost = useLive((state) => state.connection.kind === "lost");
  const Icon = notice && ICONS[notice.kind];
  const sound = useStationView((view) => view.state.kind === "ready");
  const talking = phase.kind === "talking";
  return (
    <>
      {lost && (
        <Banner icon={<WifiOff size={18} aria-hidden="true" />}>
          {t(!talking ? "notices.lost" : sound ? "notices.lostTalking" : "notices.lostSilent")}
        </Banner>
      )}
      {notice && Icon && !(lost && notice.kind === "media") && (
        <Banner
          key={notice.kind}
          icon={<Icon size={18} aria-hidden="true" />}
          actions={<Actions notice={notice} desk={desk} />}
        >
          {sentence(t, notice)}
        </Banner>
      )}
    </>
  );
}

function Actions({ notice, desk }: { notice: Notice; desk: ReturnType<typeof useDesk> }) {
  const { t } = useTranslation("agent");
  return (
    <>
      {notice.kind === "microphone" && (
        <Button size="small" onPress={() => desk.retry()}>
          {t("notices.retry")}
        </Button>
      )}
      {notice.kind === "missed" && (
        <Button size="small" kind="ok" onPress={() => void desk.ready()}>
          {t("idle.goReady")}
        </Button>
      )}
      {notice.kind !== "media" && (
        <IconButton aria-label={t("notices.close")} onPress={() => desk.closeNotice()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      )}
    </>
  );
}

function sentence(t: TFunction<"agent">, notice: Notice): string {
  switch (notice.kind) {
    case "microphone":
    case "media":
    case "gone":
      return t(`notices.${notice.kind}`);
    case "missed":
      return notice.caller ? t("notices.missed", { caller: notice.caller }) : t("notices.missedUnknown");
    case "ended": {
      const { reason, caller } = notice;
      return t(`notices.ended.${reason === "caller" || reason === "agent" || reason === "lost" ? reason : "other"}`, {
        caller,
      });
    }
    case "transferred":
      return t("notices.transferred", { caller: notice.caller, to: notice.to });
    case "failed":
      return t("notices.failed", { detail: notice.detail });
  }
}
