import { Mic, Volume2 } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { scale } from "../../live/meters";
import { useDevices } from "../../media/devices";
import { useStation, useStationView } from "../../media/hooks";
import { qualityWord } from "../../media/quality";
import { ReceivedLevel } from "../../media/received";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { Meter } from "../../ui/Meter";
import { SignalBars } from "../../ui/SignalBars";
import css from "./Devices.module.css";
import { useDeskTools } from "./desk/hooks";

/** Microphone and speaker, what really arrives, and how the connection fares. */
export function Devices({ talking }: { talking: boolean }) {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const { inputs, outputs } = useDevices();
  const { ringer } = useDeskTools();
  const station = useStation();
  const microphone = useStationView((view) => view.microphoneId);
  const speaker = useStationView((view) => view.speakerId);
  const received = useMemo(() => new ReceivedLevel(() => station.remoteStreams()), [station]);
  useEffect(() => () => received.close(), [received]);
  const read = useMemo(() => () => scale(received.level()), [received]);
  const chooseMicrophone = (id: string | undefined) => {
    void station.chooseMicrophone(id);
  };
  const chooseSpeaker = (id: string | undefined) => {
    station.chooseSpeaker(id).catch(() => undefined);
    void ringer.chooseSpeaker(id);
  };
  return (
    <div className={css["devices"]}>
      <div className={css["device"]}>
        <span>
          <Mic size={14} aria-hidden="true" />
          {common("microphone")}
        </span>
        <DeviceSelect
          boxed
          label={common("microphone")}
          devices={inputs}
          chosen={microphone}
          onChoose={chooseMicrophone}
        />
      </div>
      <div className={css["device"]}>
        <span>
          <Volume2 size={14} aria-hidden="true" />
          {common("speaker")}
        </span>
        <DeviceSelect boxed label={common("speaker")} devices={outputs} chosen={speaker} onChoose={chooseSpeaker} />
      </div>
      {talking && (
        <div className={css["device"]}>
          <span />
          <Meter read={read} label={t("sound.received")} className={css["received"]} />
        </div>
      )}
      <ConnectionQuality />
    </div>
  );
}

const BARS = { none: 0, poor: 1, fair: 2, good: 4 };

function ConnectionQuality() {
  const { t } = useTranslation();
  const quality = useStationView((view) => view.quality);
  const word = quality ? qualityWord(quality) : "none";
  const details =
    quality &&
    [
      quality.rttMs !== null && t("quality.delay", { ms: Math.round(quality.rttMs) }),
      t("quality.lost", { percent: Math.round(quality.lost * 100) }),
      t("quality.jitter", { ms: Math.round(quality.jitterMs) }),
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <p className={css["quality"]}>
      <SignalBars full={BARS[word]} size={14} />
      {t(`quality.${word}`)}
      {details && <span className={css["details"]}>{details}</span>}
    </p>
  );
}
