import { shortDay } from "../../ui/time";
import { ChartColumn, Table2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/records";
import { Button } from "../../ui/Button";
import { clock } from "../../ui/names";
import type { HelpReport } from "../../wire/generated";
import { Chart } from "./Chart";
import { Filters } from "./Filters";
import { reportsApi, useHelpReport } from "./hooks";
import { isPeriod, lastDays } from "./period";
import { ReportState } from "./ReportState";
import { AgentTable, DayTable, ReasonTable } from "./Tables";
import { changeOf, daysOf, GOAL_MS, longestOf, type Sum, sumOf } from "./report";
import css from "./Reports.module.css";
import "./words";

/** The report of help requests. Without bar and rail. */
export function HelpReportPage() {
  const { t } = useTranslation("reports");
  const [filter, setFilter] = useState(lastDays);
  const [asTable, setAsTable] = useState(false);
  const Icon = asTable ? ChartColumn : Table2;
  const fits = isPeriod(filter);
  const report = useHelpReport(filter, fits);
  const before = useHelpReport(
    { ...filter, from: filter.from - (filter.until - filter.from), until: filter.from },
    fits,
  );
  return (
    <>
      <Filters
        title={t("title")}
        filter={filter}
        onFilter={setFilter}
        fits={fits}
        csv={(filter) => reportsApi.helpCsv(filter)}
        csvName={t("csvName")}
      >
        <Button onPress={() => setAsTable(!asTable)}>
          <Icon size={15} aria-hidden="true" />
          {t(asTable ? "asChart" : "asTable")}
        </Button>
      </Filters>
      <ReportState fits={fits} query={report} />
      {fits && report.data && <Report report={report.data} before={before.data} filter={filter} asTable={asTable} />}
    </>
  );
}

interface ReportProps {
  report: HelpReport;
  before: HelpReport | undefined;
  filter: ReportFilter;
  asTable: boolean;
}

function Report({ report, before, filter, asTable }: ReportProps) {
  const { t } = useTranslation("reports");
  const days = daysOf(report, filter.from, filter.until);
  const total = sumOf(report.rows);
  return (
    <>
      <Tiles report={report} total={total} before={before && sumOf(before.rows).count} />
      {total.count === 0 ? (
        <section className={css["card"]} role="status">
          <h3>{t("none.title")}</h3>
          <p className="muted">{t("none.body")}</p>
        </section>
      ) : (
        <div className={css["columns"]}>
          {asTable ? <DayTable report={report} /> : <Chart days={days} />}
          <div className={css["side"]}>
            <ReasonTable report={report} total={total.count} />
            <AgentTable report={report} />
          </div>
        </div>
      )}
    </>
  );
}

export interface TilesProps {
  report: HelpReport;
  total: Sum;
  /** Requests in the period before; undefined while it is not known. */
  before: number | undefined;
}

/** The period in five figures. */
function Tiles({ report, total, before }: TilesProps) {
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
