import { useTranslation } from "react-i18next";
import { type Day, GOAL_MS, scaleOf } from "./report";
import css from "./Reports.module.css";

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
export function Line({ days, x, left, right, top, bottom }: LineProps) {
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
