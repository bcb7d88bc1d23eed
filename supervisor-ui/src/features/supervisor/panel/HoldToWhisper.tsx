import { Speech } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { classes } from "../../../ui/classes";
import { Kbd } from "../../../ui/Kbd";
import type { Mode } from "../../../wire/generated";
import { useStore } from "../../../store/useStore";
import { supervisorKeys } from "../keys";
import { useSupervisions, useCallSupervision } from "../supervision/hooks";
import type { Availability } from "../supervision/availability";
import css from "./MicBlock.module.css";

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
    <Button
      className={classes(css["hold"], (state === "held" || state === "open") && css["on"])}
      isDisabled={state !== "rest" && state !== "held"}
      onPressStart={() => void calls.hold()}
      onPressEnd={() => calls.release()}
      {...(enabled ? { "aria-keyshortcuts": map.hold } : {})}
    >
      <b>
        <Speech size={18} aria-hidden="true" />
        {name}
        {enabled && state !== "open" && <Kbd>{capOf(map.hold)}</Kbd>}
      </b>
      <span>{hint}</span>
    </Button>
  );
}

function holdOf(mode: Mode | null, holding: boolean, pending: boolean, whisper: Availability): Hold {
  if (holding) return "held";
  if (whisper === "role") return "role";
  if (mode === null) return "off";
  if (mode === "barge") return "barge";
  if (pending) return "pending";
  return mode === "whisper" ? "open" : "rest";
}
