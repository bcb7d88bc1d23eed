import type { TFunction } from "i18next";
import {
  Angry,
  Annoyed,
  type LucideIcon,
  Meh,
  Minus,
  Pause,
  Smile,
  TrendingDown,
  TrendingUp,
  WifiOff,
} from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../../browser/ticking";
import { useLive, useLiveStore, useText } from "../../../live/hooks";
import { lastMessage, memberOf, typingIn, unreadOf } from "../../../live/text/select";
import { PlainButton } from "../../../ui/Button";
import { Tip } from "../../../ui/Tip";
import { classes } from "../../../ui/classes";
import { shortName } from "../../../ui/names";
import type { CallView, ConversationView, MoodView, TalkView } from "../../../wire/generated";
import { agentsOf } from "../model/call";
import { type MoodWord, moodWord } from "../model/entry";
import { barsPath, lane, type Speaks, speaksNow, useMetered } from "../model/talk";
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

function speakingAgent(t: T, call: CallView): string {
  const [agent, another] = agentsOf(call);
  return another ? t("speaks.agent", {}) : shortName(agent?.name ?? "");
}

function speaksWords(t: T, speaks: Speaks, call: CallView, me: string | undefined): { who: string; verb?: string } {
  const [kind, detail] = speaks.split(" ");
  switch (speaks) {
    case "caller":
      return { who: t("speaks.caller", {}), verb: t("speaks.verb", {}) };
    case "agent":
      return { who: speakingAgent(t, call), verb: t("speaks.verb", {}) };
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

const FACES: Record<MoodWord, LucideIcon> = { calm: Smile, neutral: Meh, tense: Annoyed, upset: Angry };

export interface MoodCellProps {
  mood: MoodView | undefined;
  /** Of a call: what its mood was made of. */
  talk?: TalkView | undefined;
  /** Whether the Tab key leads to it: within the row that it leads to. */
  focusable: boolean;
  onPress: () => void;
}

/** Face, word and trend: an indicator, explained on hover and focus, without colour of its own. */
export function MoodCell({ mood, talk, focusable, onPress }: MoodCellProps) {
  const { t } = useTranslation("supervisor");
  if (!mood) return null;
  const word = moodWord(mood);
  const Face = FACES[word];
  const trend = mood.trend > 0 ? "up" : mood.trend < 0 ? "down" : "level";
  const Trend = { up: TrendingUp, down: TrendingDown, level: Minus }[trend];
  const about = [t(talk ? "mood.aboutCall" : "mood.aboutText"), ...(talk ? sound(t, talk) : [])].join("\n");
  return (
    <Tip text={about}>
      <PlainButton
        className={classes(css["mood"], word === "upset" && css["upset"])}
        excludeFromTabOrder={!focusable}
        onPress={onPress}
      >
        <Face size={16} aria-hidden="true" />
        <span>{t(`mood.${word}`)}</span>
        <span className={css["trend"]}>
          <Trend size={14} aria-hidden="true" />
          <span className="vh">{t(`mood.trend.${trend}`)}</span>
        </span>
      </PlainButton>
    </Tip>
  );
}

/** "Talk-over 12 %" and the rest, a line each. */
function sound(t: TFunction<"supervisor">, talk: TalkView): string[] {
  const percent = (share: number) => Math.round(100 * share);
  return [
    t("mood.share", { percent: percent(talk.caller_share) }),
    t("mood.over", { percent: percent(talk.talk_over) }),
    t("mood.silence", { percent: percent(talk.dead_air) }),
    ...(talk.caller_raised ? [t("mood.callerRaised")] : []),
  ];
}

/**
 * What goes on in a conversation. Of what is written an overseer is told nothing before they
 * listen or are brought in: until then it is where it stands and what it is about.
 */
export function ChatCell({ view }: { view: ConversationView }) {
  const me = useLive((state) => state.me?.id) ?? "";
  const reads = memberOf(view, me) !== undefined;
  return <span className={css["chat"]}>{reads ? <Written view={view} me={me} /> : <Standing view={view} />}</span>;
}

function Written({ view, me }: { view: ConversationView; me: string }) {
  const { t } = useTranslation("supervisor");
  const store = useLiveStore();
  const unread = useText((state) => unreadOf(state, view));
  const last = useText((state) => lastMessage(state, view.id));
  const typist = useTicking(() => typingIn(store.getState().text, view.id, store.serverNow(), me)[0]?.name ?? "");
  if (typist) return <>{t("chatCell.types", { name: shortName(typist) })}</>;
  if (unread === 0 && !last?.text) return <Standing view={view} />;
  return (
    <>
      {unread > 0 && (
        <b>
          {t("chatCell.unread", { count: unread })}
          {last && " · "}
        </b>
      )}
      {last?.text && `“${last.text}”`}
    </>
  );
}

function Standing({ view }: { view: ConversationView }) {
  const { t } = useTranslation("supervisor");
  const state =
    view.state === "waiting"
      ? t("state.waiting")
      : view.state === "parked"
        ? t("state.parked", { to: view.transferring_to ?? "" })
        : "";
  const handover = view.handovers?.[0];
  const asked = handover && view.state === "active" ? t("state.asked", { to: handover.to_name }) : "";
  return <>{[state || asked, view.subject].filter(Boolean).join(" · ")}</>;
}

/** Whether the pointer is over an element; `bind` goes onto it. */
export function useHover() {
  const [hovered, setHovered] = useState(false);
  const bind = useMemo(() => ({ onPointerEnter: () => setHovered(true), onPointerLeave: () => setHovered(false) }), []);
  return { hovered, bind };
}
