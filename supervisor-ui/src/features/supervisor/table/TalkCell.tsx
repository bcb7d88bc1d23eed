import { Pause, WifiOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveStore } from "../../../live/hooks";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { barsPath, lane, speaksNow, type Speaks, useMetered } from "../talk";
import { agentOf } from "../model/call";
import css from "./Table.module.css";

const SECONDS = 60;

/** Talk of the last minute, both levels, and who speaks, in words; or why nobody can. */
export function TalkCell({ call }: { call: CallView }) {
  if (call.state !== "active")
    return (
      <span className={css["chat"]}>
        <Waits call={call} />
      </span>
    );
  const lost = call.legs.some((leg) => leg.lost && leg.role !== "supervisor");
  return (
    <span className={css["talk"]}>
      <MiniTimeline call={call} />
      {lost || call.held ? <Mark lost={lost} /> : <SpeaksWord call={call} />}
    </span>
  );
}

function Waits({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  if (call.state === "ringing") return <>{t("state.ringing", { agent: shortName(call.ringing?.name ?? "") })}</>;
  return <>{t(`state.${call.state}`)}</>;
}

function Mark({ lost }: { lost: boolean }) {
  const { t } = useTranslation("supervisor");
  const Icon = lost ? WifiOff : Pause;
  return (
    <span className={css["mark"]}>
      <Icon size={14} aria-hidden="true" />
      {t(lost ? "state.lost" : "state.held")}
    </span>
  );
}

/** Caller above, agent below; written to the DOM at each reading, without React. */
function MiniTimeline({ call }: { call: CallView }) {
  const { meters } = useLiveStore();
  const caller = useRef<SVGPathElement>(null);
  const agent = useRef<SVGPathElement>(null);
  const levels = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let drawn = -1;
    const [callers, agents] = [lane(call, "caller"), lane(call, "agent")];
    const level = (ids: readonly string[]) =>
      Math.max(0, ...ids.map((id) => meters.track(call.id)?.legs.get(id)?.level ?? 0));
    const draw = () => {
      const track = meters.track(call.id);
      if (!track) return;
      levels.current?.style.setProperty("--caller-level", level(callers).toFixed(2));
      levels.current?.style.setProperty("--agent-level", level(agents).toFixed(2));
      if (track.head === drawn) return;
      drawn = track.head;
      // The bucket that is being filled is left out: bars do not grow under the eye.
      const shared = {
        track,
        from: drawn - SECONDS,
        to: drawn - 1,
        x: (bucket: number) => 119 - 2 * (drawn - 1 - bucket),
        half: 5,
      };
      caller.current?.setAttribute("d", barsPath({ ...shared, legs: callers, middle: 6.5 }));
      agent.current?.setAttribute("d", barsPath({ ...shared, legs: agents, middle: 17.5 }));
    };
    draw();
    return meters.subscribe(call.id, draw);
  }, [meters, call]);
  return (
    <>
      <svg className={css["mini"]} width="120" height="24" viewBox="0 0 120 24" aria-hidden="true">
        <path className={css["base"]} d="M0 12H120" />
        <path className={css["callerBars"]} ref={caller} />
        <path className={css["agentBars"]} ref={agent} />
      </svg>
      <span className={css["levels"]} ref={levels} aria-hidden="true">
        <i className={css["callerLevel"]} />
        <i className={css["agentLevel"]} />
      </span>
    </>
  );
}

function SpeaksWord({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  const speaks = useMetered(call.id, (track) => speaksNow(track, call));
  const me = useLive((state) => state.me?.id);
  const { who, verb } = speaksWords(t, speaks, call, me);
  return (
    <span className={css["speaks"]}>
      {who}
      {verb && <span className={css["verb"]}>{verb}</span>}
    </span>
  );
}

type T = (key: string, values: Record<string, string | number>) => string;

function speaksWords(t: T, speaks: Speaks, call: CallView, me: string | undefined): { who: string; verb?: string } {
  const [kind, detail] = speaks.split(" ");
  switch (speaks) {
    case "caller":
      return { who: t("speaks.caller", {}), verb: t("speaks.verb", {}) };
    case "agent":
      return { who: shortName(agentOf(call)?.name ?? ""), verb: t("speaks.verb", {}) };
    case "both":
      return { who: t("speaks.both", {}), verb: t("speaks.bothVerb", {}) };
    case "quiet":
    case "none":
      return { who: t(`speaks.${speaks}`, {}) };
    default:
      if (kind === "silent") return { who: t("speaks.silent", { seconds: Number(detail) }) };
  }
  const leg = call.legs.find((known) => known.id === detail);
  if (leg?.user === me) return { who: t("speaks.you", {}), verb: t("speaks.youVerb", {}) };
  return { who: shortName(leg?.name ?? ""), verb: t("speaks.verb", {}) };
}
