import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { namesOf } from "../../hearing/sentences";
import type { Statement } from "../../hearing/statement";
import { useLiveStore } from "../../live/hooks";
import { scale } from "../../live/meters";
import { useStation } from "../../media/hooks";
import { Meter } from "../../ui/Meter";
import { shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import css from "./CallPanel.module.css";
import { useDeskView, useSaid, useSpeaking } from "./desk/hooks";
import { guestsOf } from "./desk/phase";

interface LevelsProps {
  call: CallView;
  own: LegView;
}

/** Who speaks, and to whom it goes. Levels are drawn without React. */
export function Levels({ call, own }: LevelsProps) {
  const { t } = useTranslation("agent");
  const said = useSaid(call);
  // Without news of the call nothing is said of who is on it.
  const guests = said.kind === "lost" ? [] : guestsOf(call, own);
  const parties = call.legs.filter((leg) => leg.id !== own.id && leg.mode === undefined);
  return (
    <ul className={css["levels"]} aria-label={t("call.levels")}>
      {parties.map((leg) => (
        <Party key={leg.id} call={call} leg={leg} kind={leg.role === "caller" ? "party" : "colleague"} />
      ))}
      <You call={call} own={own} said={said} />
      {guests.map(({ leg, kind }) => (
        <Row
          key={leg.id}
          name={shortName(leg.name)}
          className={css[kind === "taken" ? "joined" : kind]}
          read={{ call: call.id, leg: leg.id }}
        >
          {t(
            { taken: "call.hasCall", coaching: "call.onlyYou", joined: "call.everyone", listening: "call.listens" }[
              kind
            ],
          )}
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
function You({ call, own, said }: LevelsProps & { said: Statement }) {
  const { t } = useTranslation("agent");
  const { t: hearing } = useTranslation("hearing");
  const { muted: wished, here } = useDeskView();
  const station = useStation();
  const muted = wished || own.muted;
  const isHere = here === call.id;
  const read = useMemo(() => () => scale(station.microphone.level()), [station]);
  const off = muted || (said.kind === "lost" && said.sound === "down");
  return (
    <Row name={t("call.you")} className={css["you"]} read={isHere ? read : { call: call.id, leg: own.id }} off={off}>
      {muted ? t("call.muted") : heardWords(t, hearing, said)}
    </Row>
  );
}

/** Who hears the agent, in a few words. */
function heardWords(t: TFunction<"agent">, hearing: TFunction<"hearing">, said: Statement): string {
  if (said.kind === "lost") return t(said.sound === "up" ? "call.heard.unknown" : "call.heard.nobody");
  if (said.kind === "off") return t("call.heard.nobody");
  const { sure, everyone } = said.heardBy;
  if (sure.length === 0) return t("call.heard.nobody");
  if (everyone) return t(sure.length === 2 ? "call.heard.both" : "call.heard.all");
  return t("call.heard.names", { names: namesOf(hearing, sure), count: sure.length });
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
