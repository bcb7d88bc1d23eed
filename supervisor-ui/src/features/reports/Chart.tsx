import { useId } from "react";
import { useTranslation } from "react-i18next";
import { fullDay, shortDay } from "../../ui/time";
import { type Day, GOAL_MS, scaleOf } from "./report";
import css from "./Reports.module.css";

/** The drawing's own units; it grows with the card. */
const WIDTH = 800;
const HEIGHT = 560;
const LEFT = 40;
/** Days that can be labelled beside each other. */
const LABELS_MAX = 14;

/** Requests per day above, the mean time to answer below; every figure stands in the table, too. */
export function Chart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation("reports");
  const hatch = useId();
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const x = (index: number): number => LEFT + step * (index + 0.5);
  const every = Math.ceil(days.length / LABELS_MAX);
  return (
    <section className={css["card"]} aria-labelledby={`${hatch}title`}>
      <h3 id={`${hatch}title`}>
        {t("perDay")}
        <span className={css["legend"]} aria-hidden="true">
          <span>
            <i className={css["answered"]} />
            {t("answered")}
          </span>
          <span>
            <i className={css["cancelled"]} />
            {t("cancelled")}
          </span>
        </span>
      </h3>
      <svg className={css["chart"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={useSentence(days)}>
        <defs>
          <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="5" className={css["hatchGround"]} />
            <path d="M0 0V5" className={css["hatchLine"]} />
          </pattern>
        </defs>
        <Bars days={days} x={x} step={step} left={LEFT} right={WIDTH} top={24} bottom={344} hatch={hatch} />
        <text x={LEFT} y={388} className={css["subtitle"]}>
          {t("mean")}
        </text>
        <Line days={days} x={x} left={LEFT} right={WIDTH} top={404} bottom={524} />
        {days.map(
          (day, index) =>
            index % every === 0 && (
              <text key={day.start} x={x(index)} y={550} textAnchor="middle">
                {shortDay(day.start)}
              </text>
            ),
        )}
      </svg>
    </section>
  );
}

/** The picture in words. */
function useSentence(days: readonly Day[]): string {
  const { t } = useTranslation("reports");
  const counts = days.map(({ count }) => count);
  const means = days.flatMap(({ meanMs }) => (meanMs === null ? [] : [Math.round(meanMs / 1000)]));
  const most = Math.max(...counts);
  const busiest = days.find(({ count }) => count === most);
  const mean = means.length === 0 ? "" : t("pictureMean", { least: Math.min(...means), most: Math.max(...means) });
  return t("picture", { least: Math.min(...counts), most, busiest: busiest ? fullDay(busiest.start) : "", mean });
}

const BAR_MAX = 34;
/** Narrower bars have no room for a figure. */
const FIGURE_STEP_MIN = 22;

export interface BarsProps {
  days: readonly Day[];
  x: (index: number) => number;
  step: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** The pattern of what was cancelled. */
  hatch: string;
}

/** A bar a day: answered below, the rest hatched above. */
function Bars({ days, x, step, left, right, top, bottom, hatch }: BarsProps) {
  const lines = scaleOf(Math.max(...days.map(({ count }) => count)));
  const end = lines.at(-1) ?? 1;
  const y = (value: number): number => bottom - ((bottom - top) * value) / end;
  const width = Math.min(BAR_MAX, step * 0.6);
  return (
    <g>
      {lines.map((line) => (
        <g key={line}>
          <path className={css["grid"]} d={`M${left} ${y(line)}H${right}`} />
          <text x={left - 8} y={y(line) + 4} textAnchor="end">
            {line}
          </text>
        </g>
      ))}
      {days.map(
        ({ start, count, answered }, index) =>
          count > 0 && (
            <g key={start}>
              <rect
                className={css["bar"]}
                x={x(index) - width / 2}
                y={y(answered)}
                width={width}
                height={bottom - y(answered)}
                rx="2"
              />
              {count > answered && (
                <rect
                  fill={`url(#${hatch})`}
                  x={x(index) - width / 2}
                  y={y(count)}
                  width={width}
                  height={Math.max(1, y(answered) - y(count) - 2)}
                  rx="2"
                />
              )}
              {step >= FIGURE_STEP_MIN && (
                <text className={css["figure"]} x={x(index)} y={y(count) - 6} textAnchor="middle">
                  {count}
                </text>
              )}
            </g>
          ),
      )}
    </g>
  );
}

const LINES = 2;
const GOAL_S = GOAL_MS / 1000;

export interface LineProps {
  days: readonly Day[];
  x: (index: number) => number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The mean time to answer, day by day, against the goal; a day without an answer is a gap. */
function Line({ days, x, left, right, top, bottom }: LineProps) {
  const { t } = useTranslation("reports");
  const points = days.map(({ meanMs }, index) => (meanMs === null ? null : { x: x(index), seconds: meanMs / 1000 }));
  const most = Math.max(GOAL_S * 1.2, ...points.map((point) => point?.seconds ?? 0));
  const lines = scaleOf(most, LINES);
  const end = lines.at(-1) ?? 1;
  const y = (seconds: number): number => bottom - ((bottom - top) * seconds) / end;
  const path = points
    .map((point, index) => (point ? `${points[index - 1] ? "L" : "M"}${point.x} ${y(point.seconds)}` : ""))
    .join("");
  return (
    <g>
      {lines.map((line) => (
        <g key={line}>
          <path className={css["grid"]} d={`M${left} ${y(line)}H${right}`} />
          <text x={left - 8} y={y(line) + 4} textAnchor="end">
            {line === 0 ? 0 : t("seconds", { seconds: line })}
          </text>
        </g>
      ))}
      <path className={css["goal"]} d={`M${left} ${y(GOAL_S)}H${right}`} />
      <text x={right - 2} y={y(GOAL_S) - 5} textAnchor="end">
        {t("goalShort", { seconds: GOAL_S })}
      </text>
      <path className={css["line"]} d={path} />
      {points.map(
        (point, index) =>
          point && (
            <g key={index}>
              <circle className={css["dot"]} cx={point.x} cy={y(point.seconds)} r="3.5" />
              {point.seconds > GOAL_S && (
                <text className={css["figure"]} x={point.x + 8} y={y(point.seconds) + 4}>
                  {t("seconds", { seconds: Math.round(point.seconds) })}
                </text>
              )}
            </g>
          ),
      )}
    </g>
  );
}
