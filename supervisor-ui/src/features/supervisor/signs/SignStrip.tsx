import {
  AudioWaveform,
  Bell,
  BellOff,
  Ear,
  EarOff,
  Hand,
  Hourglass,
  type LucideIcon,
  MicOff,
  TrendingDown,
  Users,
  Volume2,
  VolumeX,
  WifiOff,
  X,
} from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Button, IconButton } from "../../../ui/Button";
import { lazily } from "../../../ui/lazily";
import { clock } from "../../../ui/names";
import type { Entry } from "../model/entry";
import type { Sign, SignKind } from "../model/signs";
import { useEnter } from "../supervision/hooks";
import { useAlerts } from "./hooks";
import { useSignSettings } from "./settings";
import css from "./Signs.module.css";
import "./words";

const ICONS: Record<SignKind, LucideIcon> = {
  help: Hand,
  quality: WifiOff,
  one_way: EarOff,
  microphone: MicOff,
  raised: Volume2,
  hold: Hourglass,
  dead_air: VolumeX,
  talk_over: Users,
  mood: TrendingDown,
};
/** Alerts that stand beside each other; the others are counted. */
const SHOWN_MAX = 3;
const settingsDialog = lazily(() => import("./SignSettingsDialog").then((m) => m.SignSettingsDialog));

export interface SignStripProps {
  entries: readonly Entry[];
  /** Opens one of them in the panel. */
  onOpen: (id: string) => void;
}

/** What may go badly, why one thinks so, and one click to listen. Always as high, so that no row moves. */
export function SignStrip({ entries, onOpen }: SignStripProps) {
  const { t } = useTranslation("signs");
  const me = useLive((state) => state.me?.id) ?? "";
  const may = useLive((state) => state.me?.permissions.includes("monitor_live_calls") ?? false);
  const [alerts, putAway] = useAlerts(entries);
  const [{ perHour }] = useSignSettings(me);
  const [isSetting, set] = useState(false);
  useEffect(() => settingsDialog.preload(), []);
  const more = alerts.length - SHOWN_MAX;
  const BellIcon = perHour === 0 ? BellOff : Bell;
  return (
    <section className={css["strip"]} aria-label={t("label")}>
      <div className={css["signs"]} role="status">
        <ul>
          {alerts.slice(0, SHOWN_MAX).map((sign) => (
            <Alert key={sign.key} sign={sign} canListen={may} onOpen={onOpen} onPutAway={() => putAway(sign.key)} />
          ))}
          {alerts.length === 0 && (
            <li className={css["none"]}>
              <AudioWaveform size={14} aria-hidden="true" />
              {t(perHour === 0 ? "off" : "none")}
            </li>
          )}
          {more > 0 && <li className={css["none"]}>{t("more", { count: more })}</li>}
        </ul>
      </div>
      <IconButton aria-label={t("settings")} onPress={() => set(true)}>
        <BellIcon size={16} aria-hidden="true" />
      </IconButton>
      {isSetting && <settingsDialog.Part user={me} onClose={() => set(false)} />}
    </section>
  );
}

interface AlertProps {
  sign: Sign;
  canListen: boolean;
  onOpen: (id: string) => void;
  onPutAway: () => void;
}

function Alert({ sign: { id, of, kind, figure, customer, agent }, canListen, onOpen, onPutAway }: AlertProps) {
  const { t } = useTranslation("signs");
  const { t: supervisor } = useTranslation("supervisor");
  const enter = useEnter();
  const Icon = ICONS[kind];
  const shown = figure === null ? "" : kind === "talk_over" ? String(figure) : clock(figure * 1000);
  const names = agent ? t("of", { customer, agent }) : customer;
  const listen = () => {
    onOpen(id);
    enter(of, id);
  };
  const words = shown && t(`figure.${kind}`, { shown });
  return (
    <li className={css["sign"]}>
      <Icon size={15} aria-hidden="true" />
      <span className={css["text"]} title={names}>
        <b>{t(`kind.${kind}`)}</b> <span aria-hidden="true">{words}</span> <bdi>{names}</bdi>
      </span>
      {canListen && (
        <Button size="small" onPress={listen} aria-label={t(of === "call" ? "listen" : "read", { names })}>
          <Ear size={14} aria-hidden="true" />
          {supervisor(of === "call" ? "actions.listen" : "actions.read")}
        </Button>
      )}
      <IconButton aria-label={t("putAway", { names })} onPress={onPutAway}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </li>
  );
}
