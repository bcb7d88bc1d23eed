import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { scale } from "../../live/meters";
import { useStation, useStationView } from "../../media/hooks";
import { qualityWord } from "../../media/quality";
import { ReceivedLevel } from "../../media/received";
import { DeviceRows } from "../../ui/DeviceRows";
import { Meter } from "../../ui/Meter";
import { SignalBars } from "../../ui/SignalBars";
import css from "./Devices.module.css";

/** Microphone and speaker, what really arrives, and how the connection fares. */
export function Devices({ talking }: { talking: boolean }) {
  const { t } = useTranslation("agent");
  const station = useStation();
  const received = useMemo(() => new ReceivedLevel(() => station.remoteStreams()), [station]);
  useEffect(() => () => received.close(), [received]);
  const read = useMemo(() => () => scale(received.level()), [received]);
  return (
    <div className={css["devices"]}>
      <DeviceRows />
      {talking && (
        <div className={css["level"]}>
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
