import type { TFunction } from "i18next";
import { Headphones, Headset, type LucideIcon, Megaphone, Phone } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { agentsColumns, isLit } from "../../hearing/columns";
import { Chip, Markers } from "../../hearing/parts";
import { MODE_ICONS } from "../../hearing/modes";
import { isOpen, type Party, type Plan, toneOf } from "../../hearing/plan";
import { namesOf, pictureWords } from "../../hearing/sentences";
import type { Statement } from "../../hearing/statement";
import { Boxes, endsOf, litWires, Wire } from "../../hearing/Wires";
import { classes } from "../../ui/classes";
import type { CallView } from "../../wire/generated";
import { useSpeakers } from "./desk/hooks";
import css from "../../hearing/Diagram.module.css";
import page from "./Softphone.module.css";

export interface PictureProps {
  call: CallView;
  said: Exclude<Statement, { kind: "lost" }>;
}

/** Who hears whom on the agent's call. With two parties there is no room for more. */
export function Picture({ call, said }: PictureProps) {
  const { t } = useTranslation("agent");
  const { t: hearing } = useTranslation("hearing");
  const id = useId();
  const speaking = useSpeakers(call);
  const { plan } = said;
  const columns = agentsColumns(plan);
  const wires = litWires(plan, columns);
  const others = columns.right;
  const toYou = voice(plan, columns.middle, others);
  const toCaller = voice(plan, columns.left, others);
  const mark = (name: string) => `url(#${id}-${name})`;
  const ends = endsOf(others.length);
  const nodes = nodesOf(t, said, speaking);
  return (
    <section className={page["card"]} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("picture.title")}</h2>
      <div className={page["picture"]}>
        <svg
          className={css["diagram"]}
          viewBox={others.length > 0 ? "0 0 560 166" : "-100 40 560 78"}
          role="img"
          aria-label={pictureWords(hearing, said)}
        >
          <Markers id={id} />
          <Wire lit={wires.leftToMiddle} className={css["fromCaller"]} d="M157 68H199" end={mark("caller")} />
          <Wire lit={wires.middleToLeft} className={css["fromAgent"]} d="M203 90H161" end={mark("agent")} />
          {others.length > 0 && (
            <>
              <Wire
                lit={wires.leftToRight}
                className={css["fromCaller"]}
                d={`M77 50V30Q77 18 89 18H471Q483 18 483 30V${ends.above}`}
                end={mark("caller")}
              />
              <Wire lit={wires.rightToMiddle} className={toYou.className} d="M406 68H364" end={mark(toYou.head)} />
              <Wire lit={wires.middleToRight} className={css["fromAgent"]} d="M360 90H400" end={mark("agent")} />
              <Wire
                lit={wires.rightToLeft}
                className={toCaller.className}
                d="M483 108V134Q483 146 471 146H89Q77 146 77 134V112"
                end={mark(toCaller.head)}
              />
              <OuterWords said={said} />
            </>
          )}
          <Boxes x={0} boxes={nodes.left} more={nodes.more} />
          <Boxes x={203} boxes={nodes.middle} more={nodes.more} />
          <Boxes x={406} boxes={nodes.right} more={nodes.more} />
        </svg>
      </div>
    </section>
  );
}

/** On the outer wires: who of the others hears the caller, and whom of them the caller hears. */
function OuterWords({ said: { plan } }: Pick<PictureProps, "said">) {
  const { t } = useTranslation("agent");
  const { t: hearing } = useTranslation("hearing");
  const { left, right } = agentsColumns(plan);
  const [caller] = left;
  if (!caller) return null;
  const hearers = right.filter(({ leg }) => plan.hears(leg, caller.leg) === "yes");
  const heard = right.filter(({ leg }) => plan.hears(caller.leg, leg) === "yes");
  const kept = right.some(({ mode }) => mode === "whisper");
  const values = { caller: caller.name, count: hearers.length };
  return (
    <>
      {hearers.length > 0 && (
        <Chip
          y={6}
          icon={Headphones}
          className={css["hear"]}
          text={t("picture.hearCaller", { ...values, names: namesOf(hearing, hearers) })}
        />
      )}
      {heard.length > 0 && (
        <Chip
          y={134}
          icon={heard.some(({ mode }) => isOpen(mode)) ? Megaphone : Headset}
          className={heard.some(({ mode }) => isOpen(mode)) ? css["barge"] : css["hear"]}
          text={t("picture.reaches", { caller: caller.name, names: namesOf(hearing, heard) })}
        />
      )}
      {heard.length === 0 && kept && (
        <>
          <path className={css["gate"]} d="M68 118h18" />
          <text className={css["gateText"]} x="94" y="122">
            {t("picture.gate", { caller: caller.name })}
          </text>
        </>
      )}
    </>
  );
}

/** The colour of a wire: of the loudest supervisor who is heard along it, or else of the colleagues. */
function voice(plan: Plan, listeners: readonly Party[], sources: readonly Party[]) {
  const heard = sources.filter((source) => isLit(plan, listeners, [source]));
  const mode = (["barge", "whisper"] as const).find((loud) =>
    heard.some((party) => party.mode !== undefined && toneOf(party.mode) === loud),
  );
  return mode
    ? { head: mode, className: classes(css["fromYou"], css[mode]) }
    : { head: "agent", className: css["fromAgent"] };
}

type T = TFunction<"agent">;

function nodesOf(t: T, said: PictureProps["said"], speaking: ReadonlySet<string>) {
  const { plan } = said;
  const columns = agentsColumns(plan);
  const node = (icon: LucideIcon, className: string | undefined, party: Party, detail: string) => {
    const speaks = speaking.has(party.leg) && !(party.you && (party.muted || party.cut));
    const name = party.you ? t("picture.you") : party.fullName;
    return {
      id: party.leg,
      icon,
      className: classes(className, speaks && css["speaking"]),
      name,
      detail,
      speaking: speaks,
    };
  };
  const detailOf = (party: Party) => {
    if (party.role === "caller" && plan.held && !hearsYou(said, party)) return t("picture.detail.hold");
    return t(hearsYou(said, party) ? "picture.detail.hearsYou" : "picture.detail.hearsNot");
  };
  return {
    left: columns.left.map((party) => node(Phone, css["caller"], party, detailOf(party))),
    middle: columns.middle.map((party) => node(Headset, css["agent"], party, ownDetail(t, said, party))),
    right: columns.right.map((party) =>
      party.mode === undefined
        ? node(Headset, css["agent"], party, detailOf(party))
        : node(
            MODE_ICONS[party.mode],
            classes(css["you"], css[toneOf(party.mode)]),
            party,
            t(`picture.detail.${party.mode}`),
          ),
    ),
    more: (others: readonly string[]) => ({ name: others.join(", "), detail: "" }),
  };
}

function hearsYou({ plan }: PictureProps["said"], party: Party): boolean {
  return plan.you !== undefined && plan.hears(party.leg, plan.you.leg) === "yes";
}

function ownDetail(t: T, said: PictureProps["said"], own: Party): string {
  if (said.kind === "elsewhere") return t("picture.detail.elsewhere");
  if (own.cut) return t("picture.detail.cut");
  if (said.plan.takenOver) return t("picture.detail.micTaken");
  if (own.muted) return t("picture.detail.micMuted");
  return t(said.plan.held ? "picture.detail.micHold" : "picture.detail.micOpen");
}
