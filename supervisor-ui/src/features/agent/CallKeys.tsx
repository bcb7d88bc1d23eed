import { ArrowLeftRight, Hand, type LucideIcon, Mic, MicOff, Pause, PenLine, Play, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useLive } from "../../live/hooks";
import { PlainButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { lazily } from "../../ui/lazily";
import type { CallView, LegView } from "../../wire/generated";
import css from "./CallPanel.module.css";
import { useDesk, useDeskView } from "./desk/hooks";
import { agentKeys, ariaKey } from "./desk/keys";
import { isConsulted } from "./desk/phase";

const callDialogs = lazily(() => import("./CallDialogs").then((m) => m.CallDialogs));

/** Mute, hold, help; transfer, conference, note. */
export function CallKeys({ call, own }: { call: CallView; own: LegView }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { muted: wished, pending } = useDeskView();
  const { map } = useKeySettings(agentKeys);
  const live = useLive((state) => state.connection.kind === "live");
  const muted = wished || own.muted;
  // One request at a time, and none by an agent who is only consulted.
  const asks = !live || (call.handovers ?? []).length > 0 || call.consultation !== undefined || isConsulted(own);
  return (
    <div className={css["keys"]}>
      <Key
        icon={muted ? Mic : MicOff}
        chord={map.mute}
        isOn={muted}
        onPress={() => void desk.mute(!muted)}
        words={t(muted ? "call.unmute" : "call.mute")}
      />
      <Key
        icon={call.held ? Play : Pause}
        chord={map.hold}
        isOn={call.held}
        isDisabled={!live || pending !== null || call.consultation !== undefined}
        onPress={() => void desk.hold(!call.held)}
        words={t(call.held ? "call.resume" : "call.hold")}
      />
      <Key
        icon={Hand}
        cap="/help"
        isOn={call.help !== undefined}
        isDisabled={!live || call.help !== undefined}
        onPress={() => desk.open("help")}
        words={t(call.help ? "call.helpOpen" : "call.help")}
      />
      <Key
        icon={ArrowLeftRight}
        chord={map.transfer}
        isDisabled={asks}
        onPress={() => desk.open("transfer")}
        words={t("call.transfer")}
      />
      <Key
        icon={UserPlus}
        chord={map.conference}
        isDisabled={asks}
        onPress={() => desk.open("conference")}
        words={t("call.conference")}
      />
      <Key
        icon={PenLine}
        chord={map.note}
        isDisabled={!live}
        onPress={() => desk.open("note")}
        words={t("call.note")}
      />
      <callDialogs.Part call={call} />
    </div>
  );
}

interface KeyProps {
  icon: LucideIcon;
  words: string;
  /** The shortcut, or a word that does the same. */
  chord?: string;
  cap?: string;
  isOn?: boolean;
  isDisabled?: boolean;
  onPress: () => void;
}

/** The words change with the state, so it is a plain button to those who don't see it. */
function Key({ icon: Icon, chord, cap, words, isOn = false, isDisabled = false, onPress }: KeyProps) {
  return (
    <PlainButton
      className={classes(css["key"], isOn && css["on"])}
      isDisabled={isDisabled}
      aria-keyshortcuts={chord === undefined ? undefined : ariaKey(chord)}
      onPress={onPress}
    >
      <Icon size={18} aria-hidden="true" />
      <span>{words}</span>
      <span className={css["cap"]} aria-hidden="true">
        {chord === undefined ? cap : capOf(chord)}
      </span>
    </PlainButton>
  );
}
