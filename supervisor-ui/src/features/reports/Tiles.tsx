import { useTranslation } from "react-i18next";
import { clock } from "../../ui/names";
import type { HelpReport } from "../../wire/generated";
import { changeOf, GOAL_MS, longestOf, type Sum } from "./report";
import css from "./Reports.module.css";
import { shortDay } from "./when";

export interface TilesProps {
  report: HelpReport;
  total: Sum;
  /** Requests in the period before; undefined while it is not known. */
  before: number | undefined;
}

/** The period in five figures. */
export function Tiles({ report, total, before }: TilesProps) {
  const { t } = useTranslation("reports");
  const longest = longestOf(report);
  const part = (count: number) =>
    total.count === 0 ? "" : t("share", { percent: Math.round((count / total.count) * 100) });
  const time = (ms: number | null | undefined) => (ms === null || ms === undefined ? "–" : clock(ms));
  const tiles: [string, string, string][] = [
    ["requests", String(total.count), useChange(total.count, before)],
    ["answered", String(total.answered), part(total.answered)],
    ["cancelled", String(total.cancelled), part(total.cancelled)],
    ["mean", time(total.meanMs), t("goal", { time: clock(GOAL_MS) })],
    ["longest", time(longest?.answer_ms_max), longest ? `${shortDay(longest.day)}, ${longest.agent.name}` : ""],
  ];
  return (
    <dl className={css["tiles"]}>
      {tiles.map(([name, value, more]) => (
        <div key={name} className={css["tile"]}>
          <dt>{t(name)}</dt>
          <dd>
            <span className={css["value"]}>{value}</span>
            <small>{more}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function useChange(now: number, before: number | undefined): string {
  const { t } = useTranslation("reports");
  const percent = before === undefined ? null : changeOf(now, before);
  if (percent === null) return "";
  return t(percent > 0 ? "change.up" : percent < 0 ? "change.down" : "change.same", { percent: Math.abs(percent) });
}
