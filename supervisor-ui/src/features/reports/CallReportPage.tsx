import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallGrouping } from "../../api/records";
import { useSession } from "../../session/session";
import { ChoiceField } from "../../ui/Filters";
import { clock } from "../../ui/names";
import { Table, TableNumber, TableRow } from "../../ui/Table";
import { dateTime, fullDay } from "../../ui/time";
import type { CallReport, CallReportFigures, CallReportRow } from "../../wire/generated";
import { Filters } from "./Filters";
import { reportsApi, useCallReport } from "./hooks";
import { isPeriod, lastDays } from "./period";
import { ReportState } from "./ReportState";
import { sorted, serviceLevel } from "./calls";
import css from "./Reports.module.css";
import "./words";

const GROUPINGS: readonly CallGrouping[] = ["queue", "agent", "hour", "day"];

/** The report of calls. Without bar and rail. */
export function CallReportPage() {
  const { t } = useTranslation("reports");
  const [filter, setFilter] = useState(() => lastDays());
  const [by, setBy] = useState<CallGrouping>("queue");
  const fits = isPeriod(filter);
  const report = useCallReport(filter, by, fits);
  return (
    <>
      <Filters
        title={t("calls.title")}
        filter={filter}
        onFilter={setFilter}
        fits={fits}
        csv={(filter) => reportsApi.callsCsv(filter, by)}
        csvName={`${t("calls.csvName")}-${by}`}
      >
        <ChoiceField
          label={t("calls.by")}
          options={GROUPINGS.map((id) => ({ id, name: t(`calls.grouping.${id}`) }))}
          value={by}
          onChange={(by) => by !== "" && setBy(by)}
        />
      </Filters>
      <ReportState fits={fits} query={report} />
      {fits && report.data && <Report report={report.data} by={by} />}
    </>
  );
}

function Report({ report, by }: { report: CallReport; by: CallGrouping }) {
  const { t } = useTranslation("reports");
  return (
    <>
      <Tiles total={report.total} />
      {report.rows.length === 0 ? (
        <section className={css["card"]} role="status">
          <h3>{t("calls.none.title")}</h3>
          <p className="muted">{t("calls.none.body")}</p>
        </section>
      ) : (
        <CallTable rows={sorted(report.rows, by)} by={by} />
      )}
    </>
  );
}

/** The period in five figures. */
function Tiles({ total }: { total: CallReportFigures }) {
  const { t } = useTranslation("reports");
  const share = (count: number) =>
    total.offered === 0 ? "" : t("share", { percent: Math.round((count / total.offered) * 100) });
  const level = serviceLevel(total);
  const tiles: [string, string, string][] = [
    ["offered", String(total.offered), ""],
    ["answered", String(total.answered), share(total.answered)],
    ["abandoned", String(total.abandoned), share(total.abandoned)],
    ["level", level === null ? "–" : t("share", { percent: level }), t("calls.levelHint")],
    ["handle", time(total.handle?.median), t("calls.p90", { time: time(total.handle?.p90) })],
  ];
  return (
    <dl className={css["tiles"]}>
      {tiles.map(([name, value, more]) => (
        <div key={name} className={css["tile"]}>
          <dt>{t(`calls.${name}`)}</dt>
          <dd>
            <span className={css["value"]}>{value}</span>
            <small>{more}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Which figures a grouping has: an agent has no service level, a queue misses no call. */
const OF_CALLS = ["offered", "answered", "abandoned", "level", "wait", "handle", "hold", "wrap"] as const;
const OF_AGENTS = ["offered", "answered", "missed", "missed_chats", "declined", "handle", "hold", "wrap"] as const;

function CallTable({ rows, by }: { rows: readonly CallReportRow[]; by: CallGrouping }) {
  const { t } = useTranslation("reports");
  const columns: readonly (typeof OF_CALLS)[number][] | readonly (typeof OF_AGENTS)[number][] =
    by === "agent" ? OF_AGENTS : OF_CALLS;
  return (
    <section className={css["card"]}>
      <h3 id="calls">{t(`calls.grouping.${by}`)}</h3>
      <p className="muted">{t("calls.spreadHint")}</p>
      <Table
        look="figures"
        aria-labelledby="calls"
        columns={[
          { key: by, name: t(`calls.head.${by}`) },
          ...columns.map((key) => ({ key, name: t(`calls.${key}`), number: true })),
        ]}
      >
        {rows.map((row) => (
          <TableRow key={row.start ?? row.agent?.user ?? row.queue ?? ""}>
            <th scope="row">
              <Group row={row} by={by} />
            </th>
            {columns.map((name) => (
              <TableNumber key={name}>
                <Figure row={row} name={name} />
              </TableNumber>
            ))}
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

/** What a row stands for. */
function Group({ row, by }: { row: CallReportRow; by: CallGrouping }) {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  if (by === "agent") return <bdi>{row.agent?.name}</bdi>;
  if (by === "queue") return user.queues.find(({ id }) => id === row.queue)?.name ?? row.queue ?? t("calls.noQueue");
  return by === "hour" ? dateTime(row.start ?? 0) : fullDay(row.start ?? 0);
}

type Name = (typeof OF_CALLS)[number] | (typeof OF_AGENTS)[number];

function Figure({ row: { figures, goal }, name }: { row: CallReportRow; name: Name }) {
  const { t } = useTranslation("reports");
  switch (name) {
    case "offered":
    case "answered":
    case "abandoned":
    case "missed":
    case "missed_chats":
    case "declined":
      return figures[name];
    case "level": {
      const level = serviceLevel(figures);
      if (level === null) return "–";
      const short = goal !== undefined && level < goal.percent;
      return (
        <>
          {t("share", { percent: level })}
          {short && <span className={css["short"]}> {t("calls.short", goal)}</span>}
        </>
      );
    }
    case "wait":
    case "handle":
    case "hold":
      return figures[name]
        ? t("calls.spread", { median: time(figures[name].median), p90: time(figures[name].p90) })
        : "–";
    case "wrap":
      return figures.wrap ? t("calls.spread", { median: time(figures.wrap.median), p90: time(figures.wrap.p95) }) : "–";
  }
}

function time(ms: number | undefined): string {
  return ms === undefined ? "–" : clock(ms);
}
