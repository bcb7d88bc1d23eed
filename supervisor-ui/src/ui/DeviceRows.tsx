import { type LucideIcon, Mic, Volume2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type DeviceChoice, useDevices } from "../media/devices";
import { useStation, useStationView } from "../media/hooks";
import css from "./DeviceRows.module.css";
import { DeviceSelect } from "./DeviceSelect";

/**
 * Microphone and speaker, a row each: the one choice of this browser, which the station's view holds. Whatever makes
 * sound follows that, so nobody else is told here.
 */
export function DeviceRows() {
  const { t } = useTranslation();
  const { inputs, outputs } = useDevices();
  const station = useStation();
  const microphone = useStationView((view) => view.microphoneId);
  const speaker = useStationView((view) => view.speakerId);
  return (
    <>
      <Row
        icon={Mic}
        label={t("microphone")}
        devices={inputs}
        chosen={microphone}
        onChoose={(id) => void station.chooseMicrophone(id)}
      />
      <Row
        icon={Volume2}
        label={t("speaker")}
        devices={outputs}
        chosen={speaker}
        onChoose={(id) => void station.chooseSpeaker(id).catch(() => undefined)}
      />
    </>
  );
}

interface RowProps {
  icon: LucideIcon;
  label: string;
  devices: readonly DeviceChoice[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

function Row({ icon: Icon, label, ...select }: RowProps) {
  return (
    <div className={css["row"]}>
      <span>
        <Icon size={14} aria-hidden="true" />
        {label}
      </span>
      <DeviceSelect boxed label={label} {...select} />
    </div>
  );
}
