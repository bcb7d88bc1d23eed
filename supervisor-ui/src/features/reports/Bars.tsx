import { type Day, scaleOf } from "./report";
import css from "./Reports.module.css";

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
export function Bars({ days, x, step, left, right, top, bottom, hatch }: BarsProps) {
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
