import { LoaderCircle, Lock, Mic, MicOff, Speech } from "lucide-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { isOpen, toneOf } from "../../../hearing/plan";
import { namesOf } from "../../../hearing/sentences";
import type { Statement } from "../../../hearing/statement";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { scale } from "../../../live/meters";
import { useDevices } from "../../../media/devices";
import { useStation, useStationView } from "../../../media/hooks";
import { useStore } from "../../../store/useStore";
import { HoldButton } from "../../../ui/Button";
import { DeviceSelect } from "../../../ui/DeviceSelect";
import { Kbd } from "../../../ui/Kbd";
import { Meter } from "../../../ui/Meter";
import { classes } from "../../../ui/classes";
import type { Mode } from "../../../wire/generated";
import { supervisorKeys } from "../model/keys";
import type { Availability } from "../supervision/availability";
import { useCallSupervision, useSupervisions } from "../supervision/hooks";
import { noticed } from "../supervision/plan";
import css from "./Mic.module.css";

export interface MicBlockProps {
  /** Confirmed on this call; null: not on this call. */
  mode: Mode | null;
  /** Who hears whom there. */
  said: Exclude<Statement, { kind: "lost" }>;
}

/** What the microphone does, proved by the browser's own count of packets. */
export function MicBlock({ mode, said }: MicBlockProps) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const station = useStation();
  const { inputs } = useDevices();
  const transmitting = useStationView((view) => view.transmitting);
  const device = useStationView((view) => view.microphoneId);
  const read = useCallback(() => scale(station.microphone.level()), [station]);
  const deviceMuted = useStationView((view) => view.deviceMuted);
  const opening = noticed(mode ?? undefined) && !transmitting;
  const state = deviceMuted ? "deviceMuted" : transmitting ? "live" : opening ? "opening" : "off";
  const Icon = transmitting && !deviceMuted ? Mic : MicOff;
  return (
    <section
      className={classes(css["block"], transmitting && mode && css[toneOf(mode)])}
      aria-label={common("microphone")}
    >
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
      <Proof mode={mode} said={said} transmitting={transmitting} />
    </section>
  );
}

function Proof({ mode, said, transmitting }: MicBlockProps & { transmitting: boolean }) {
  const { t } = useTranslation("supervisor");
  const { t: hearing } = useTranslation("hearing");
  const sent = useStationView((view) => view.sent);
  const ready = useStationView((view) => view.state.kind === "ready");
  const count = sent ?? (ready ? null : 0);
  const packets = count === null ? t("mic.counting") : t("mic.sent", { count });
  if (transmitting && mode && noticed(mode) && said.kind === "here") {
    const Icon = MODE_ICONS[mode];
    const { sure, perhaps } = said.heardBy;
    const names = namesOf(hearing, sure);
    const only = perhaps.length > 0 ? "mic.heardOnlyPerhaps" : "mic.heardOnly";
    return (
      <p className={css["proof"]}>
        <Icon size={14} aria-hidden="true" />
        {mode === "whisper"
          ? t(only, { names, perhaps: namesOf(hearing, perhaps) })
          : t("mic.heardAll", { names, count: count ?? 0 })}
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
      {count === 0 && ` · ${t(said.kind === "elsewhere" ? "mic.there" : mode === null ? "mic.noCall" : "mic.gate")}`}
    </p>
  );
}

type Hold = "rest" | "held" | "open" | "barge" | "off" | "pending" | "role";

export interface HoldToWhisperProps {
  mode: Mode | null;
  whisper: Availability;
}

/** Whisper as long as it is held, by pointer or key; a window without focus lets go. */
export function HoldToWhisper({ mode, whisper }: HoldToWhisperProps) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const { pending } = useCallSupervision();
  const holding = useStore(calls.holding);
  const { map, enabled } = useKeySettings(supervisorKeys);
  const state = holdOf(mode, holding, pending !== null, whisper);
  const hint =
    state === "rest" || state === "held"
      ? t(`ptt.${state}Hint`)
      : state === "open"
        ? t("ptt.openHint", { key: capOf(map.listen) })
        : t(`ptt.${state}`);
  const name = state === "held" ? t("ptt.held") : state === "open" ? t("ptt.open") : t("ptt.rest");
  return (
    <HoldButton
      className={classes(css["hold"], (state === "held" || state === "open") && css["on"])}
      isDisabled={state !== "rest" && state !== "held"}
      onHold={() => void calls.hold()}
      onRelease={() => calls.release()}
      {...(enabled ? { "aria-keyshortcuts": map.hold } : {})}
    >
      <b>
        <Speech size={18} aria-hidden="true" />
        {name}
        {enabled && state !== "open" && <Kbd>{capOf(map.hold)}</Kbd>}
      </b>
      <span>{hint}</span>
    </HoldButton>
  );
}

function holdOf(mode: Mode | null, holding: boolean, pending: boolean, whisper: Availability): Hold {
  if (holding) return "held";
  if (whisper === "role") return "role";
  if (mode === null) return "off";
  if (isOpen(mode)) return "barge";
  if (pending) return "pending";
  return mode === "whisper" ? "open" : "rest";
}
