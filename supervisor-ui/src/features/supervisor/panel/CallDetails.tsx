import { Speech, Volume2 } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { useLive } from "../../../live/hooks";
import { useDevices } from "../../../media/devices";
import { useStation, useStationView } from "../../../media/hooks";
import { qualityWord } from "../../../media/quality";
import { Button } from "../../../ui/Button";
import { DeviceSelect } from "../../../ui/DeviceSelect";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import { toast } from "../../../ui/toasts";
import type { CallView } from "../../../wire/generated";
import { BESIDE_FIELD, focusSoon } from "../dashboard/focus";
import { coachedLeg } from "../model/call";
import { supervisorKeys } from "../model/keys";
import { useSupervisions, useTextSupervision } from "../supervision/hooks";
import css from "./Panel.module.css";
import { lazily } from "../../../ui/lazily";

const callText = lazily(() => import("../../../chat/CallText").then((m) => m.CallText));

export interface EchoStripProps {
  call: CallView;
  /** The leg that a whisper reaches; undefined: of the agent who answered. */
  coach: string | undefined;
}

/** Before and during a whisper: its agent's microphone hears the loudspeaker, as the agent's own client says. */
export function EchoStrip({ call, coach }: EchoStripProps) {
  const { t } = useTranslation("supervisor");
  const leg = coachedLeg(call, coach);
  const agent = leg?.echo ? shortName(leg.name) : null;
  return (
    <div role="status">
      {agent && (
        <div className={css["echoStrip"]}>
          <Volume2 size={16} aria-hidden="true" />
          <span>
            <b>{t("echo.title", { agent })}</b> {t("echo.body")}
          </span>
        </div>
      )}
    </div>
  );
}

/** Private text beside the call: reading along with the voice; writing is a step of its own, for the agent sees it. */
export function Beside({ call, agent }: { call: CallView; agent: string }) {
  const { t } = useTranslation("supervisor");
  const { beside } = useSupervisions();
  const { held, pending, notice } = useTextSupervision("beside");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const me = useLive((state) => state.me?.id) ?? "";
  const may = useLive((state) => state.me?.permissions.includes("whisper_live_calls") ?? false);
  useEffect(() => {
    if (notice?.kind === "refused") toast(notice.detail, "refused");
  }, [notice]);
  const begin = () => {
    beside.speak("whisper");
    focusSoon(BESIDE_FIELD);
  };
  return (
    <div className={css["beside"]}>
      <callText.Part call={call} me={me} {...(agent && { to: agent })} />
      {held?.mode === "listen" && may && (
        <Button
          size="small"
          onPress={begin}
          isDisabled={pending !== null}
          {...(enabled ? { "aria-keyshortcuts": map.private } : {})}
        >
          <Speech size={15} aria-hidden="true" />
          {t("beside.begin", { agent })}
          {enabled && <Kbd>{capOf(map.private)}</Kbd>}
        </Button>
      )}
    </div>
  );
}

/** How the media fare, and where they are heard. */
export function QualityBar() {
  const { t } = useTranslation();
  const station = useStation();
  const { outputs } = useDevices();
  const quality = useStationView((view) => view.quality);
  const speaker = useStationView((view) => view.speakerId);
  const word = quality ? qualityWord(quality) : "none";
  return (
    <div className={css["bar"]}>
      <Bars filled={{ good: 4, fair: 2, poor: 1, none: 0 }[word]} />
      <b>{t(`quality.${word}`)}</b>
      {quality && (
        <>
          {quality.rttMs !== null && <span>{t("quality.delay", { ms: Math.round(quality.rttMs) })}</span>}
          <span>{t("quality.lost", { percent: (100 * quality.lost).toFixed(1) })}</span>
          <span>{t("quality.jitter", { ms: Math.round(quality.jitterMs) })}</span>
        </>
      )}
      <span className={css["speaker"]}>
        <DeviceSelect
          label={t("speaker")}
          icon={<Volume2 size={14} aria-hidden="true" />}
          devices={outputs}
          chosen={speaker}
          onChoose={(id) => void station.chooseSpeaker(id).catch(() => undefined)}
        />
      </span>
    </div>
  );
}

function Bars({ filled }: { filled: number }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" className={css["bars"]}>
      {[0, 1, 2, 3].map((i) => (
        <rect key={i} x={1 + 3.8 * i} y={11 - 3 * i} width="2.6" height={4 + 3 * i} rx="1" data-filled={i < filled} />
      ))}
    </svg>
  );
}
