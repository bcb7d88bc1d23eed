import { Headphones, Headset, type LucideIcon, Mic, MicOff, Phone } from "lucide-react";
import type { TFunction } from "i18next";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "../ui/classes";
import type { Mode } from "../wire/generated";
import css from "./Diagram.module.css";
import { supervisorsColumns } from "./columns";
import { MODE_ICONS } from "./modes";
import { Chip, Markers } from "./parts";
import { isOpen, type Party, toneOf } from "./plan";
import { heardByWords, pictureWords, youHearWords } from "./sentences";
import type { Statement } from "./statement";
import { Boxes, endsOf, litWires, Wire } from "./Wires";
import "./words";

export interface DiagramProps {
  said: Exclude<Statement, { kind: "lost" }>;
  /** The agents are told of listeners too. */
  agentNotified?: boolean;
  /** How it would be, dashed; nothing of it holds yet. */
  preview?: boolean;
  /** Confirmed by the server, but this machine's microphone is not open yet. */
  micOpening?: boolean;
  /** The legs that speak. */
  speaking?: ReadonlySet<string>;
}

const QUIET: ReadonlySet<string> = new Set();

/** Who hears whom: the upper wire is what the supervisor hears, the lower one who hears the supervisor. */
export function Diagram(props: DiagramProps) {
  const { said, preview = false, speaking = QUIET } = props;
  const { t } = useTranslation("hearing");
  const id = useId();
  const { plan } = said;
  const columns = supervisorsColumns(plan);
  const wires = litWires(plan, columns);
  const here = said.kind === "here";
  const mode: Mode | "off" = (said.kind !== "off" && said.mode) || "off";
  const own = here ? mode : "off";
  const tone = toneOf(mode);
  const mark = (name: string) => `url(#${id}-${name})`;
  const ends = endsOf(columns.right.length);
  const nodes = nodesOf(t, props, speaking);
  return (
    <svg
      className={classes(css["diagram"], preview && css["preview"])}
      viewBox="0 0 560 166"
      role="img"
      aria-label={pictureWords(t, said, preview)}
    >
      <Markers id={id} />
      <Wire
        lit={here && (wires.leftToRight || wires.middleToRight)}
        className={css["fromCaller"]}
        d={`M77 50V30Q77 18 89 18H471Q483 18 483 30V${ends.above}`}
        end={mark("caller")}
      />
      <Wire lit={wires.leftToMiddle} className={css["fromCaller"]} d="M157 68H199" end={mark("caller")} />
      <Wire lit={wires.middleToLeft} className={css["fromAgent"]} d="M203 90H161" end={mark("agent")} />
      <Wire lit={here && wires.middleToRight} className={css["fromAgent"]} d="M360 68H400" end={mark("agent")} />
      <Wire
        lit={wires.rightToMiddle}
        className={classes(css["fromYou"], css[tone])}
        d="M406 90H364"
        end={mark(tone)}
        flows={here && !preview}
      />
      <Wire
        lit={wires.rightToLeft}
        className={classes(css["fromYou"], css[tone])}
        d="M483 108V134Q483 146 471 146H89Q77 146 77 134V112"
        end={mark(tone)}
        flows={here && !preview}
      />
      <Gate mode={own} boxes={columns.middle.length} />
      <Chip
        y={6}
        icon={Headphones}
        className={css["hear"]}
        text={here ? youHearWords(t, plan) : t(said.kind === "off" ? "youHear.none" : "youHear.noneHere")}
      />
      <Chip
        y={134}
        icon={own === "off" ? MicOff : MODE_ICONS[own]}
        className={css[toneOf(own)]}
        text={here ? heardByWords(t, said.heardBy, preview) : t(said.kind === "off" ? "nobody" : "nobodyHere")}
      />
      <Boxes x={0} boxes={nodes.left} more={nodes.more} />
      <Boxes x={203} boxes={nodes.middle} more={nodes.more} />
      <Boxes x={406} boxes={[nodes.you]} more={nodes.more} />
    </svg>
  );
}

/** The black bar that closes a wire, with its words. */
function Gate({ mode, boxes }: { mode: Mode | "off"; boxes: number }) {
  const { t } = useTranslation("hearing");
  if (mode === "listen") {
    return (
      <>
        <path className={css["gate"]} d="M399 81v18M474 118h18" />
        <text className={css["gateText"]} x="466" y="122" textAnchor="end">
          {t("gateClosed")}
        </text>
      </>
    );
  }
  if (mode !== "whisper") return null;
  return (
    <>
      <path className={css["gate"]} d="M68 118h18" />
      <text className={css["gateText"]} x="94" y={boxes > 1 ? 130 : 122}>
        {t("gateCaller")}
      </text>
    </>
  );
}

type T = TFunction<"hearing">;

function nodesOf(t: T, props: DiagramProps, speaking: ReadonlySet<string>) {
  const { said, preview = false, micOpening = false } = props;
  const columns = supervisorsColumns(said.plan);
  const node = (icon: LucideIcon, className: string | undefined, party: Party, detail: string) => ({
    id: party.leg,
    icon,
    className: classes(className, speaking.has(party.leg) && css["speaking"]),
    name: party.fullName,
    detail,
    speaking: speaking.has(party.leg),
  });
  const mode: Mode | "off" = (said.kind === "here" && said.mode) || "off";
  const audible = mode === "whisper" || (mode !== "off" && isOpen(mode));
  const own = columns.right[0];
  const youAre = preview ? "will" : !audible ? "closed" : micOpening ? "waiting" : "live";
  const spoken = own !== undefined && speaking.has(own.leg);
  return {
    left: columns.left.map((party) => node(Phone, css["caller"], party, callerDetail(t, props, party))),
    middle: columns.middle.map((party) =>
      party.role === "agent"
        ? node(Headset, css["agent"], party, agentDetail(t, props, party))
        : node(MODE_ICONS[party.mode ?? "off"], css["agent"], party, supervisorDetail(t, party)),
    ),
    you: {
      id: "you",
      icon: audible ? Mic : MicOff,
      className: classes(css["you"], css[toneOf(mode)], spoken && css["speaking"]),
      name: t("you"),
      detail: t(`youAre.${said.kind === "here" ? youAre : said.kind}`),
      speaking: spoken,
    },
    more: (others: readonly string[]) => ({ name: others.join(", "), detail: t("more", { count: others.length }) }),
  };
}

/** Whether this party hears the user. */
function hearsYou({ said: { plan } }: DiagramProps, party: Party): boolean {
  return plan.you !== undefined && plan.hears(party.leg, plan.you.leg) === "yes";
}

function callerDetail(t: T, props: DiagramProps, party: Party): string {
  const { said, preview } = props;
  if (hearsYou(props, party)) return t(preview ? "callerIs.will" : "callerIs.hears");
  if (said.plan.held) return t("callerIs.hold");
  if (!said.plan.parties.some(({ role }) => role === "agent")) return t("callerIs.waits");
  return t(said.kind === "off" ? "caller" : "callerIs.unaware");
}

function agentDetail(t: T, props: DiagramProps, party: Party): string {
  const { said, preview, agentNotified } = props;
  // Of one who hears and is not heard, what matters is that.
  if (said.plan.takenOver) return t("agentIs.muted");
  if (hearsYou(props, party)) return t(preview ? "agentIs.will" : "agentIs.hears");
  if (party.lost) return t("agentIs.lost");
  if (party.muted) return t("agentIs.muted");
  if (party.consultedBy !== undefined) return t("agentIs.consulted");
  return t(said.kind === "off" ? "agent" : agentNotified ? "agentIs.notified" : "agentIs.unaware");
}

function supervisorDetail(t: T, { mode }: Party): string {
  return t(`supervisorIs.${isOpen(mode) ? mode : "whisper"}`);
}
