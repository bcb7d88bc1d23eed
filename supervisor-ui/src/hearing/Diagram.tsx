import { Headphones, Headset, Mic, MicOff, Phone } from "lucide-react";
import type { TFunction } from "i18next";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "../ui/classes";
import { shortName } from "../ui/names";
import css from "./Diagram.module.css";
import { MODE_ICONS } from "./modes";
import { Chip, Markers, Node } from "./parts";
import { type Hearing, pictureSentence, wiresOf } from "./picture";
import "./words";

export interface DiagramProps {
  hearing: Hearing;
  /** How it would be, dashed; nothing of it holds yet. */
  preview?: boolean;
  /** Confirmed by the server, but this machine's microphone is not open yet. */
  micOpening?: boolean;
  speaking?: { caller: boolean; agent: boolean; you: boolean };
}

const QUIET = { caller: false, agent: false, you: false };

/** Who hears whom: the upper wire is what you hear, the lower one who hears you. */
export function Diagram({ hearing, preview = false, micOpening = false, speaking = QUIET }: DiagramProps) {
  const { t } = useTranslation("hearing");
  const id = useId();
  const wires = wiresOf(hearing);
  const { mode } = hearing;
  const off = mode === "off";
  const audible = mode === "whisper" || mode === "barge";
  const mark = (name: string) => `url(#${id}-${name})`;
  const youAre = preview ? "will" : off ? "off" : !audible ? "closed" : micOpening ? "waiting" : "live";
  const MicIcon = audible ? Mic : MicOff;
  return (
    <svg
      className={classes(css["diagram"], preview && css["preview"])}
      viewBox="0 0 560 166"
      role="img"
      aria-label={pictureSentence(t, hearing, preview)}
    >
      <Markers id={id} />
      <Wire
        lit={wires.callerToYou || wires.agentToYou}
        className={css["fromCaller"]}
        d="M77 50V30Q77 18 89 18H471Q483 18 483 30V47"
        end={mark("caller")}
      />
      <Wire lit={wires.callerToAgent} className={css["fromCaller"]} d="M157 68H199" end={mark("caller")} />
      <Wire lit={wires.agentToCaller} className={css["fromAgent"]} d="M203 90H161" end={mark("agent")} />
      <Wire lit={wires.agentToYou} className={css["fromAgent"]} d="M360 68H400" end={mark("agent")} />
      <Wire
        lit={wires.youToAgent}
        className={classes(css["fromYou"], css[mode])}
        d="M406 90H364"
        end={mark(mode)}
        flows={!preview}
      />
      <Wire
        lit={wires.youToCaller}
        className={classes(css["fromYou"], css[mode])}
        d="M483 108V134Q483 146 471 146H89Q77 146 77 134V112"
        end={mark(mode)}
        flows={!preview}
      />
      {mode === "listen" && <path className={css["gate"]} d="M399 81v18M474 118h18" />}
      {mode === "listen" && (
        <text className={css["gateText"]} x="466" y="122" textAnchor="end">
          {t("gateClosed")}
        </text>
      )}
      {mode === "whisper" && <path className={css["gate"]} d="M68 118h18" />}
      {mode === "whisper" && (
        <text className={css["gateText"]} x="94" y="122">
          {t("gateCaller")}
        </text>
      )}
      <Chip y={6} icon={Headphones} className={css["hear"]} text={youHear(t, hearing)} />
      <Chip
        y={134}
        icon={audible ? MODE_ICONS[mode] : MicOff}
        className={css[mode]}
        text={heardBy(t, hearing, preview)}
      />
      <Node
        x={0}
        icon={Phone}
        className={classes(css["caller"], speaking.caller && css["speaking"])}
        name={hearing.caller}
        detail={callerDetail(t, hearing, preview)}
        speaking={speaking.caller}
      />
      <Node
        x={203}
        icon={Headset}
        className={classes(css["agent"], speaking.agent && css["speaking"])}
        name={hearing.agent}
        detail={agentDetail(t, hearing, preview)}
        speaking={speaking.agent}
      />
      <Node
        x={406}
        icon={MicIcon}
        className={classes(css["you"], css[mode])}
        name={t("you")}
        detail={t(`youAre.${youAre}`)}
        speaking={speaking.you}
      />
    </svg>
  );
}

interface WireProps {
  lit: boolean;
  className: string | undefined;
  d: string;
  end: string;
  /** Sound of the user's own runs along it. */
  flows?: boolean;
}

function Wire({ lit, className, d, end, flows = false }: WireProps) {
  if (!lit) return <path className={classes(css["wire"], css["unlit"])} d={d} />;
  return (
    <>
      <path className={classes(css["wire"], className)} d={d} markerEnd={end} />
      {flows && <path className={css["flow"]} d={d} />}
    </>
  );
}

type T = TFunction<"hearing">;

function youHear(t: T, hearing: Hearing): string {
  const wires = wiresOf(hearing);
  if (wires.callerToYou && (wires.agentToYou || hearing.more)) return t(hearing.more ? "youHear.all" : "youHear.both");
  if (wires.agentToYou) return t("youHear.agent", { agent: shortName(hearing.agent) });
  if (wires.callerToYou) return t("youHear.agent", { agent: shortName(hearing.caller) });
  return t("youHear.none");
}

function heardBy(t: T, hearing: Hearing, preview: boolean): string {
  switch (hearing.mode) {
    case "off":
    case "listen":
      return t("nobody");
    case "whisper":
      return t("only", { agent: shortName(hearing.agent) });
    case "barge":
      return t(preview ? "everyoneWill" : "everyone");
  }
}

function callerDetail(t: T, { mode, held }: Hearing, preview: boolean): string {
  if (mode === "barge") return t(preview ? "callerIs.will" : "callerIs.hears");
  return t(held ? "callerIs.hold" : mode === "off" ? "caller" : "callerIs.unaware");
}

function agentDetail(t: T, { mode, agentMuted, agentNotified }: Hearing, preview: boolean): string {
  if (mode === "whisper" || mode === "barge") return t(preview ? "agentIs.will" : "agentIs.hears");
  if (agentMuted) return t("agentIs.muted");
  return t(mode === "off" ? "agent" : agentNotified ? "agentIs.notified" : "agentIs.unaware");
}
