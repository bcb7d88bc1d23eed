import { Hand, Mic, MicOff, Pause, Play } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useLive } from "../../live/hooks";
import { classes } from "../../ui/classes";
import type { CallView, LegView } from "../../wire/generated";
import css from "./CallPanel.module.css";
import { HelpDialog } from "./Help";
import { useDesk, useDeskView } from "./hooks";
import { agentKeys, ariaKey } from "./keys";

/** Mute, hold, help. */
export function CallKeys({ call, own }: { call: CallView; own: LegView }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { muted: wished, pending } = useDeskView();
  const { map } = useKeySettings(agentKeys);
  const live = useLive((state) => state.connection.kind === "live");
  const [asking, ask] = useState(false);
  const muted = wished || own.muted;
  return (
    <div className={css["keys"]}>
      <Key icon={muted ? Mic : MicOff} chord={map.mute} isOn={muted} onChange={(on) => void desk.mute(on)} words={t(muted ? "call.unmute" : "call.mute")} />
      <Key icon={call.held ? Play : Pause} chord={map.hold} isOn={call.held} isDisabled={!live || pending !== null} onChange={(on) => void desk.hold(on)} words={t(call.held ? "call.resume" : "call.hold")} />
      <Button className={classes(css["key"], call.help && css["on"])} isDisabled={!live || call.help !== undefined} onPress={() => ask(true)}>
        <Hand size={18} aria-hidden="true" />
        <span>{t(call.help ? "call.helpOpen" : "call.help")}</span>
      </Button>
      <HelpDialog isOpen={asking} onClose={() => ask(false)} />
    </div>
  );
}

interface KeyProps {
  icon: LucideIcon;
  chord: string;
  words: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (on: boolean) => void;
}

/** The words change with the state, so it is a plain button to those who don't see it. */
function Key({ icon: Icon, chord, words, isOn, isDisabled = false, onChange }: KeyProps) {
  return (
    <Button className={classes(css["key"], isOn && css["on"])} isDisabled={isDisabled} aria-keyshortcuts={ariaKey(chord)} onPress={() => onChange(!isOn)}>
      <Icon size={18} aria-hidden="true" />
      <span>{words}</span>
      <span className={css["cap"]} aria-hidden="true">{capOf(chord)}</span>
    </Button>
  );
}
