import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLiveStore } from "../../live/hooks";
import { scale } from "../../live/meters";
import { useStation } from "../../media/hooks";
import { Meter } from "../../ui/Meter";
import { shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import css from "./CallPanel.module.css";
import { useDeskView, useSpeaking } from "./desk/hooks";
import { colleaguesOf, consultingWith, guestsOf, heardBy, wiresOf } from "./desk/phase";

interface LevelsProps {
  call: CallView;
  own: LegView;
}

/** Who speaks, and to whom it goes. Levels are drawn without React. */
export function Levels({ call, own }: LevelsProps) {
  const { t } = useTranslation("agent");
  const guests = guestsOf(call, own);
  const parties = call.legs.filter((leg) => leg.id !== own.id && leg.mode === undefined);
  return (
    <ul className={css["levels"]} aria-label={t("call.levels")}>
      {parties.map((leg) => (
        <Party key={leg.id} call={call} leg={leg} kind={leg.role === "caller" ? "party" : "colleague"} />
      ))}
      <You call={call} own={own} />
      {guests.map(({ leg, kind }) => (
        <Row key={leg.id} name={shortName(leg.name)} className={css[kind]} read={{ call: call.id, leg: leg.id }}>
          {t({ coaching: "call.onlyYou", joined: "call.everyone", listening: "call.listens" }[kind])}
        </Row>
      ))}
    </ul>
  );
}

function Party({ call, leg, kind }: { call: CallView; leg: LegView; kind: "party" | "colleague" }) {
  const { t } = useTranslation("agent");
  const speaking = useSpeaking(call.id, leg.id);
  const held = call.held && kind === "party";
  const state = leg.lost ? "noSound" : held ? "onHold" : leg.muted ? "muted" : speaking ? "speaking" : "quiet";
  return (
    <Row
      name={shortName(leg.name)}
      className={css[kind]}
      read={{ call: call.id, leg: leg.id }}
      off={leg.lost || leg.muted}
    >
      {t(`call.${state}`)}
    </Row>
  );
}

/** The agent's own level is the microphone's, here in the browser. */
function You({ call, own }: LevelsProps) {
  const { t } = useTranslation("agent");
  const { muted: wished, here } = useDeskView();
  const station = useStation();
  const muted = wished || own.muted;
  const guests = guestsOf(call, own);
  const guest = guests[0];
  const isHere = here === call.id;
  const read = useMemo(() => () => scale(station.microphone.level()), [station]);
  const wires = wiresOf(call, muted, guest);
  const partner = consultingWith(call, own);
  const others = guests.length + colleaguesOf(call, own).length;
  const heard = partner
    ? "guest"
    : wires.youToCaller && others > 1
      ? "all"
      : wires.youToCaller && others === 1 && !guest
        ? "both"
        : heardBy(wires);
  const words = t(`call.heard.${heard}`, {
    caller: shortName(call.caller.name),
    guest: shortName(partner?.name ?? guest?.leg.name ?? ""),
  });
  return (
    <Row name={t("call.you")} className={css["you"]} read={isHere ? read : { call: call.id, leg: own.id }} off={muted}>
      {muted ? t("call.muted") : words}
    </Row>
  );
}

interface RowProps {
  name: string;
  className: string | undefined;
  /** The browser's own reading, or the server's of a leg. */
  read: (() => number) | { call: string; leg: string };
  off?: boolean;
  children: string;
}

function Row({ name, className, read, off = false, children }: RowProps) {
  const { t } = useTranslation("agent");
  const { meters } = useLiveStore();
  const own = typeof read === "function" ? read : null;
  const { call, leg } = typeof read === "function" ? { call: "", leg: "" } : read;
  const level = useMemo(() => own ?? (() => meters.track(call)?.legs.get(leg)?.level ?? 0), [own, meters, call, leg]);
  return (
    <li className={className}>
      <span>{name}</span>
      <Meter read={level} off={off} label={t("call.level", { name })} className={css["meter"]} />
      <span className={css["state"]}>{children}</span>
    </li>
  );
}
