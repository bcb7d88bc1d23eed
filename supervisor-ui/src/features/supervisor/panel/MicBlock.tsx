import { LoaderCircle, Lock, Mic, MicOff } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { scale } from "../../../live/meters";
import { useDevices } from "../../../media/devices";
import { useStation, useStationView } from "../../../media/hooks";
import { classes } from "../../../ui/classes";
import { DeviceSelect } from "../../../ui/DeviceSelect";
import { Meter } from "../../../ui/Meter";
import type { Mode } from "../../../wire/generated";
import { noticed } from "../supervision/plan";
import css from "./MicBlock.module.css";

export interface MicBlockProps {
  /** Confirmed on this call; null: not on this call. */
  mode: Mode | null;
  agent: string;
  caller: string;
}

/** What the microphone does, proved by the browser's own count of packets. */
export function MicBlock({ mode, agent, caller }: MicBlockProps) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const station = useStation();
  const { inputs } = useDevices();
  const transmitting = useStationView((view) => view.transmitting);
  const device = useStationView((view) => view.microphoneId);
  const read = useCallback(() => scale(station.microphone.level()), [station]);
  const opening = noticed(mode ?? undefined) && !transmitting;
  const state = transmitting ? "live" : opening ? "opening" : "off";
  const Icon = transmitting ? Mic : MicOff;
  return (
    <section className={classes(css["block"], transmitting && mode && css[mode])} aria-label={common("microphone")}>
      <div className={css["top"]}>
        {opening ? (
          <span className="spin">
            <LoaderCircle size={16} aria-hidden="true" />
          </span>
        ) : (
          <Icon size={16} aria-hidden="true" />
        )}
        <b>{t(`mic.${state}`)}</b>
        <span className={css["device"]}>
          <DeviceSelect
            label={common("microphone")}
            devices={inputs}
            chosen={device}
            onChoose={(id) => void station.chooseMicrophone(id)}
          />
        </span>
      </div>
      <Meter
        read={read}
        off={!transmitting}
        label={t(transmitting ? "mic.level" : "mic.levelOff")}
        className={css["meter"]}
      />
      <Proof mode={mode} agent={agent} caller={caller} transmitting={transmitting} />
    </section>
  );
}

function Proof({ mode, agent, caller, transmitting }: MicBlockProps & { transmitting: boolean }) {
  const { t } = useTranslation("supervisor");
  const sent = useStationView((view) => view.sent);
  const ready = useStationView((view) => view.state.kind === "ready");
  const count = sent ?? (ready ? null : 0);
  const packets = count === null ? t("mic.counting") : t("mic.sent", { count });
  if (transmitting && mode && noticed(mode)) {
    const Icon = MODE_ICONS[mode];
    return (
      <p className={css["proof"]}>
        <Icon size={14} aria-hidden="true" />
        {mode === "whisper" ? t("mic.heardOnly", { agent }) : t("mic.heardAll", { caller, agent, count: count ?? 0 })}
      </p>
    );
  }
  if (transmitting) {
    return (
      <p className={css["proof"]}>
        <Mic size={14} aria-hidden="true" />
        {t("mic.heardElsewhere", { count: count ?? 0 })}
      </p>
    );
  }
  return (
    <p className={css["proof"]}>
      <Lock size={14} aria-hidden="true" />
      {packets}
      {count === 0 && ` · ${t(mode === null ? "mic.noCall" : "mic.gate")}`}
    </p>
  );
}
