import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/records";
import { Button } from "../../ui/Button";
import type { HelpReport } from "../../wire/generated";
import { Chart } from "./Chart";
import { DayTable } from "./DayTable";
import { Filters } from "./Filters";
import { useHelpReport } from "./hooks";
import { daysOf, REPORT_DAYS_MAX, sumOf } from "./report";
import css from "./Reports.module.css";
import { AgentTable, ReasonTable } from "./Tables";
import { Tiles } from "./Tiles";
import "./words";

const DAY_MS = 86_400_000;
const DAYS_AT_FIRST = 14;

/** The report of help requests. Without bar and rail. */
export function HelpReportPage() {
  const { t } = useTranslation("reports");
  const [filter, setFilter] = useState(lastDays);
  const [asTable, setAsTable] = useState(false);
  const fits = filter.from < filter.until && filter.until - filter.from <= REPORT_DAYS_MAX * DAY_MS;
  const report = useHelpReport(filter, fits);
  const before = useHelpReport(
    { ...filter, from: filter.from - (filter.until - filter.from), until: filter.from },
    fits,
  );
  return (
    <div className={css["page"]}>
      <Filters filter={filter} onFilter={setFilter} asTable={asTable} onAsTable={setAsTable} fits={fits} />
      {!fits && (
        <p role="alert" className={css["state"]}>
          {t("badPeriod", { days: REPORT_DAYS_MAX })}
        </p>
      )}
      {fits && report.isPending && (
        <p role="status" className={css["state"]}>
          {t("loading")}
        </p>
      )}
      {fits && report.isError && (
        <p role="alert" className={css["state"]}>
          {t("failed")} {report.error.message}{" "}
          <Button size="small" onPress={() => void report.refetch()}>
            {t("again")}
          </Button>
        </p>
      )}
      {fits && report.data && <Report report={report.data} before={before.data} filter={filter} asTable={asTable} />}
    </div>
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

/** Whole days, today's the last. */
function lastDays(): ReportFilter {
  const now = new Date();
  const day = (ago: number): number => new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago).getTime();
  return { from: day(DAYS_AT_FIRST - 1), until: day(-1), team: "", queue: "" };
}
