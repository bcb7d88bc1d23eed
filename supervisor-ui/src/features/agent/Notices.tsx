import { ArrowLeftRight, MicOff, PhoneMissed, PhoneOff, TriangleAlert, WifiOff, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TFunction } from "i18next";
import { useLive } from "../../live/hooks";
import { Banner } from "../../ui/Banner";
import { Button, IconButton } from "../../ui/Button";
import { microphoneFault } from "../../media/fault";
import { useSound, useStationView } from "../../media/hooks";
import { Silenced } from "../../shell/Silenced";
import { shortName } from "../../ui/names";
import type { Notice } from "./desk/desk";
import { useDesk, useDeskView } from "./desk/hooks";
import type { Phase } from "./desk/phase";
import "./notReachedWords";

const ICONS = {
  transferred: ArrowLeftRight,
  microphone: MicOff,
  media: WifiOff,
  path: WifiOff,
  unready: WifiOff,
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
  const talking = phase.kind === "talking";
  const lost = useLive((state) => state.connection.kind === "lost");
  const Icon = notice && ICONS[notice.kind];
  const sound = useSound();
  const { deviceMuted } = useDeskView();
  const heldMuted = talking && deviceMuted;
  const unsound = useStationView(microphoneFault);
  const deaf = useStationView(({ fault }) => fault === "nothing_arrives");
  return (
    <>
      {lost && (
        <Banner icon={<WifiOff size={18} aria-hidden="true" />}>
          {t(!talking ? "notices.lost" : sound === "up" ? "notices.lostTalking" : "notices.lostSilent")}
        </Banner>
      )}
      <Silenced />
      {heldMuted && (
        <Banner icon={<MicOff size={18} aria-hidden="true" />}>
          {t("notices.deviceMuted", { caller: shortName(phase.call.caller.name) })}
        </Banner>
      )}
      {talking && unsound && (
        <Banner icon={<MicOff size={18} aria-hidden="true" />}>
          {t(`notices.unsound.${unsound}`, { caller: shortName(phase.call.caller.name) })}
        </Banner>
      )}
      {talking && deaf && (
        <Banner icon={<WifiOff size={18} aria-hidden="true" />}>{t("notices.nothingArrives")}</Banner>
      )}
      {notice && Icon && !(lost && (notice.kind === "media" || notice.kind === "path")) && (
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
      {(notice.kind === "missed" || notice.kind === "unready") && (
        <Button size="small" kind="ok" onPress={() => void desk.ready()}>
          {t("idle.goReady")}
        </Button>
      )}
      {notice.kind !== "media" && notice.kind !== "path" && (
        <IconButton aria-label={t("notices.close")} onPress={() => desk.closeNotice()}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      )}
    </>
  );
}

/** Why nobody took a call that the agent made. */
const NOT_REACHED = [
  "busy",
  "declined",
  "no_answer",
  "no_such_number",
  "trunk_refused",
  "no_common_codec",
  "trunk_failed",
] as const;

function isNotReached(reason: string | null): reason is (typeof NOT_REACHED)[number] {
  return NOT_REACHED.some((why) => why === reason);
}

function sentence(t: TFunction<"agent">, notice: Notice): string {
  switch (notice.kind) {
    case "microphone":
    case "media":
    case "unready":
    case "gone":
      return t(`notices.${notice.kind}`);
    case "missed":
      return notice.caller ? t("notices.missed", { caller: notice.caller }) : t("notices.missedUnknown");
    case "path":
      return t("notices.path", { host: location.hostname });
    case "ended": {
      const { reason, caller } = notice;
      if (isNotReached(reason)) return t(`notReached:${reason}`, { number: caller });
      const other = reason === null || reason === "no_agent" || reason === "no_media" || reason === "server";
      return t(`notices.ended.${other ? "other" : reason}`, { caller });
    }
    case "transferred":
      return t("notices.transferred", { caller: notice.caller, to: notice.to });
    case "failed":
      return t("notices.failed", { detail: notice.detail });
  }
}
