import { AudioLines, Ear, Hand, type LucideIcon, Megaphone, Replace, Speech, Square } from "lucide-react";
import { useMemo } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { toneOf } from "../../../hearing/plan";
import { useLive, useLiveStore } from "../../../live/hooks";
import { BUCKET_MS } from "../../../live/meters";
import { useTicking } from "../../../browser/ticking";
import { classes } from "../../../ui/classes";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { agentsOf, since } from "../model/call";
import { barsPath, lane, talkOvers, talkShare } from "../model/talk";
import { ownSpans, type PlacedMark, placedMarks, type Sign, type Span, WINDOW_MS } from "../model/marks";
import css from "./Timeline.module.css";

const ICONS: Record<Sign, LucideIcon> = {
  help: Hand,
  over: AudioLines,
  listen: Ear,
  whisper: Speech,
  barge: Megaphone,
  take_over: Replace,
  off: Square,
};
const [LEFT, RIGHT] = [62, 558];
/** What the words about the unseen time take. */
const UNSEEN_WIDTH = 180;

/** The last three minutes: both parties' speech, the user's own mode, and what happened. */
export function Timeline({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  const agent = laneName(t, call);
  const live = useLiveStore();
  const me = useLive((state) => state.me?.id ?? "");
  const marks = useLive((state) => state.marks.get(call.id));
  const connection = useLive((state) => state.connection);
  // Without a connection the picture stands still at the last thing heard.
  const second = useTicking(() =>
    Math.floor((connection.kind === "lost" ? connection.heardAt : live.serverNow()) / BUCKET_MS),
  );
  const now = second * BUCKET_MS;
  const track = live.meters.track(call.id);
  const x = (at: number) => RIGHT - ((now - at) / WINDOW_MS) * (RIGHT - LEFT);
  const placed = useMemo(
    () => placedMarks(marks ?? [], track ? talkOvers(track) : [], me, now),
    [marks, track, me, now],
  );
  const spans = ownSpans(marks ?? [], me, now);
  const bars = (role: "caller" | "agent", middle: number) =>
    track
      ? barsPath({
          track,
          legs: lane(call, role),
          from: second - 180,
          to: second - 1,
          x: (bucket) => x((bucket + 0.5) * BUCKET_MS),
          middle,
          half: 17,
        })
      : "";
  const unseen = track !== undefined && since(call) < (track.first - 2) * BUCKET_MS;
  const seen = Math.max(LEFT, track ? x(track.first * BUCKET_MS) : RIGHT);
  return (
    <section className={css["section"]}>
      <Heading call={call} agent={agent} />
      <svg className={css["timeline"]} viewBox="0 0 560 172" role="img" aria-label={label(t, placed, now)}>
        <path className={css["grid"]} d="M62 20V152M227.3 20V152M392.7 20V152" />
        <path className={css["base"]} d={`M${seen} 43H558M${seen} 87H558`} />
        {unseen && seen > LEFT + UNSEEN_WIDTH && (
          <text className={css["axis"]} x={(LEFT + seen) / 2} y="69" textAnchor="middle">
            {t("timeline.unseen")}
          </text>
        )}
        <path className={css["caller"]} d={bars("caller", 43)} />
        <path className={css["agent"]} d={bars("agent", 87)} />
        {spans.map((span) => (
          <OwnSpan
            key={span.from}
            span={span}
            x={x}
            bars={
              track
                ? barsPath({
                    track,
                    legs: call.own_leg ? [call.own_leg] : [],
                    from: Math.ceil(span.from / BUCKET_MS),
                    to: Math.floor(span.to / BUCKET_MS) - 1,
                    x: (bucket) => x((bucket + 0.5) * BUCKET_MS),
                    middle: 131,
                    half: 10,
                  })
                : ""
            }
          />
        ))}
        {placed.map((mark) => (
          <MarkSign key={`${mark.sign} ${mark.at} ${mark.user}`} mark={mark} x={x(mark.at)} call={call} />
        ))}
        <path className={css["now"]} d="M558 18V152" />
        <text className={css["lane"]} x="0" y="47">
          {t("timeline.caller")}
        </text>
        <text className={css["lane"]} x="0" y="91">
          {agent}
        </text>
        <text className={css["lane"]} x="0" y="135">
          {t("timeline.you")}
        </text>
        <text className={css["axis"]} x="62" y="167">
          −3:00
        </text>
        <text className={css["axis"]} x="227.3" y="167">
          −2:00
        </text>
        <text className={css["axis"]} x="392.7" y="167">
          −1:00
        </text>
        <text className={css["axis"]} x="558" y="167" textAnchor="end">
          {t("timeline.now")}
        </text>
      </svg>
    </section>
  );
}

/** Whose speech is in the agents' lane: one's, or that of all of a conference. */
function laneName(t: TFunction<"supervisor">, call: CallView): string {
  const agents = agentsOf(call);
  return agents.length > 1 ? t("timeline.agents") : shortName(agents[0]?.name ?? "") || t("timeline.agent");
}

function Heading({ call, agent }: { call: CallView; agent: string }) {
  const { t } = useTranslation("supervisor");
  const track = useLiveStore().meters.track(call.id);
  const share = track && talkShare(track, lane(call, "caller"), lane(call, "agent"));
  return (
    <div className={css["heading"]}>
      <h3>{t("timeline.title")}</h3>
      {share?.any && (
        <span className={css["figures"]}>
          <span>
            {t("timeline.share", {
              caller: share.caller,
              agent: share.agent,
              name: agent,
            })}
          </span>
          <span>{t("timeline.over", { seconds: share.overSeconds })}</span>
        </span>
      )}
    </div>
  );
}

/** Listen is a thin line; where somebody hears the user, a filled block with the user's speech. */
function OwnSpan({ span, x, bars }: { span: Span; x: (at: number) => number; bars: string }) {
  const [from, width] = [x(span.from), Math.max(1, x(span.to) - x(span.from))];
  return (
    <g className={classes(css["own"], css[toneOf(span.mode)])}>
      {span.mode === "listen" ? (
        <rect x={from} y="129" width={width} height="4" rx="2" />
      ) : (
        <rect x={from} y="119" width={width} height="24" rx="4" />
      )}
      {span.mode !== "listen" && <path d={bars} />}
    </g>
  );
}

function MarkSign({ mark, x, call }: { mark: PlacedMark; x: number; call: CallView }) {
  const { t } = useTranslation("supervisor");
  const Icon = ICONS[mark.sign];
  const name = call.legs.find((leg) => leg.user === mark.user)?.name;
  const word = t(`timeline.marks.${mark.sign}`);
  const before = mark.words === "before";
  return (
    <g className={classes(css["mark"], mark.sign === "help" && css["help"])} transform={`translate(${x.toFixed(1)} 0)`}>
      <path d="M0 16V152" />
      {mark.signed && (
        <g transform="translate(-7 1)">
          <Icon size={14} />
        </g>
      )}
      {mark.words && (
        <text x={before ? -10 : 10} y="12" textAnchor={before ? "end" : "start"}>
          {name ? t("timeline.other", { name: shortName(name), mark: word }) : word}
        </text>
      )}
    </g>
  );
}

function label(
  t: (key: string, values: Record<string, string | number>) => string,
  marks: readonly PlacedMark[],
  now: number,
): string {
  const said = marks.map((mark) =>
    t("timeline.markAt", { mark: t(`timeline.marks.${mark.sign}`, {}), seconds: Math.round((now - mark.at) / 1000) }),
  );
  return [t("timeline.label", {}), ...said].join(" ");
}
