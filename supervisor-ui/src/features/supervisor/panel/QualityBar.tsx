import { Volume2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDevices } from "../../../media/devices";
import { useStation, useStationView } from "../../../media/hooks";
import { qualityWord } from "../../../media/quality";
import { DeviceSelect } from "../../../ui/DeviceSelect";
import css from "./QualityBar.module.css";

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
