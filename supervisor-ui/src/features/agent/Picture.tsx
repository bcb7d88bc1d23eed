import type { TFunction } from "i18next";
import { Ear, Headphones, Headset, Megaphone, Phone, Speech } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Chip, Markers, Node } from "../../hearing/parts";
import { classes } from "../../ui/classes";
import { shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import { useDeskView, useSpeaking } from "./desk/hooks";
import { callerOf, type Guest, guestsOf, type Wires, wiresOf } from "./desk/phase";
import css from "../../hearing/Diagram.module.css";
import page from "./Softphone.module.css";

const MODES = { coaching: "whisper", joined: "barge", listening: "listen" } as const;
const ICONS = { coaching: Speech, joined: Megaphone, listening: Ear };

/** Who hears whom on the agent's call. Without a guest there are two parties, and no room for more. */
export function Picture({ call, own }: { call: CallView; own: LegView }) {
  const { t } = useTranslation("agent");
  const id = useId();
  const muted = useDeskView().muted || own.muted;
  const [guest, ...more] = guestsOf(call, own);
  const caller = callerOf(call);
  const wires = wiresOf(call, muted, guest);
  const callerSpeaks = useSpeaking(call.id, caller?.id);
  const youSpeak = useSpeaking(call.id, own.id) && !muted;
  const name = shortName(call.caller.name);
  const you = muted ? "micMuted" : call.held ? "micHold" : "micOpen";
  const hears = call.held ? "hold" : wires.youToCaller ? "hearsYou" : "hearsNot";
  const wire = (lit: boolean, from: string | undefined, d: string, end: string) =>
    lit ? (
      <path className={classes(css["wire"], from)} d={d} markerEnd={`url(#${id}-${end})`} />
    ) : (
      <path className={classes(css["wire"], css["unlit"])} d={d} />
    );
  return (
    <section className={page["card"]} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("picture.title")}</h2>
      <div className={page["picture"]}>
        <svg
          className={css["diagram"]}
          viewBox={guest ? "0 0 560 166" : "-100 40 560 78"}
          role="img"
          aria-label={pictureSentence(t, call, wires, guest)}
        >
          <Markers id={id} />
          {wire(wires.callerToYou, css["fromCaller"], "M157 68H199", "caller")}
          {wire(wires.youToCaller, css["fromAgent"], "M203 90H161", "agent")}
          {guest && <GuestWires guest={guest} name={name} wire={wire} wires={wires} />}
          <Node
            x={0}
            icon={Phone}
            className={classes(css["caller"], callerSpeaks && css["speaking"])}
            name={call.caller.name}
            detail={t(`picture.detail.${hears}`)}
            speaking={callerSpeaks}
          />
          <Node
            x={203}
            icon={Headset}
            className={classes(css["agent"], youSpeak && css["speaking"])}
            name={t("picture.you")}
            detail={t(`picture.detail.${you}`)}
            speaking={youSpeak}
          />
          {guest && <GuestNode call={call.id} guest={guest} />}
        </svg>
      </div>
      {more.map(({ leg, kind }) => (
        <p key={leg.id} className={page["more"]}>
          {t(`guest.${kind}`, { name: shortName(leg.name) })}
        </p>
      ))}
    </section>
  );
}

interface GuestWiresProps {
  guest: Guest;
  name: string;
  wires: ReturnType<typeof wiresOf>;
  wire: (lit: boolean, from: string | undefined, d: string, end: string) => ReactNode;
}

function GuestWires({ guest, name, wires, wire }: GuestWiresProps) {
  const { t } = useTranslation("agent");
  const mode = MODES[guest.kind];
  const who = shortName(guest.leg.name);
  const from = classes(css["fromYou"], css[mode]);
  return (
    <>
      {wire(wires.callerToGuest, css["fromCaller"], "M77 50V30Q77 18 89 18H471Q483 18 483 30V47", "caller")}
      {wire(wires.guestToYou, from, "M406 68H364", mode)}
      {wire(wires.youToGuest, css["fromAgent"], "M360 90H400", "agent")}
      {wire(wires.guestToCaller, from, "M483 108V134Q483 146 471 146H89Q77 146 77 134V112", mode)}
      <Chip y={6} icon={Headphones} className={css["hear"]} text={t("picture.coachHears", { name: who })} />
      {guest.kind === "joined" && (
        <Chip
          y={134}
          icon={Megaphone}
          className={css["barge"]}
          text={t("picture.reaches", { caller: name, name: who })}
        />
      )}
      {guest.kind === "coaching" && <path className={css["gate"]} d="M68 118h18" />}
      {guest.kind === "coaching" && (
        <text className={css["gateText"]} x="94" y="122">
          {t("picture.gate", { caller: name })}
        </text>
      )}
    </>
  );
}

function GuestNode({ call, guest: { leg, kind } }: { call: string; guest: Guest }) {
  const { t } = useTranslation("agent");
  const speaking = useSpeaking(call, leg.id) && kind !== "listening";
  return (
    <Node
      x={406}
      icon={ICONS[kind]}
      className={classes(css["you"], css[MODES[kind]])}
      name={leg.name}
      detail={t(`picture.detail.${kind}`)}
      speaking={speaking}
    />
  );
}

/** The picture in words, for those who don't see it. */
function pictureSentence(t: TFunction<"agent">, call: CallView, wires: Wires, guest: Guest | undefined): string {
  const caller = call.caller.name;
  const you = t("picture.youObject");
  const name = guest ? shortName(guest.leg.name) : "";
  const whom = (...names: (string | false)[]): string => {
    const [a, b] = names.filter((it) => it !== false);
    if (a === undefined) return t("picture.noOne");
    return b === undefined ? a : t("picture.and", { a, b });
  };
  const hears = (who: string, whomHeard: string): string => t("picture.hears", { who, whom: whomHeard });
  return [
    `${t("picture.title")}.`,
    hears(caller, whom(wires.youToCaller && you, wires.guestToCaller && name)),
    t("picture.youHear", { whom: whom(wires.callerToYou && caller, wires.guestToYou && name) }),
    guest && hears(name, whom(wires.callerToGuest && caller, wires.youToGuest && you)),
  ]
    .filter(Boolean)
    .join(" ");
}
