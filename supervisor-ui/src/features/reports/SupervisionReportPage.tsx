import { useState } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../hearing/modes";
import { useSession } from "../../session/session";
import { Link } from "../../ui/Link";
import { clock } from "../../ui/names";
import { Table, TableNumber, TableRow } from "../../ui/Table";
import { exactDateTime } from "../../ui/time";
import type { SupervisionReportRow } from "../../wire/generated";
import { Filters } from "./Filters";
import { reportsApi, useSupervisionReport } from "./hooks";
import { isPeriod, lastDays } from "./period";
import { ReportState } from "./ReportState";
import css from "./Reports.module.css";
import "./words";

const COLUMNS = ["began", "supervisor", "mode", "agents", "queue", "length", "ended"] as const;
/** Rows that are drawn; the file has them all. */
const SHOWN_MAX = 500;

/** Who listened to, whispered to, barged in on and took over from whom. Without bar and rail. */
export function SupervisionReportPage() {
  const { t } = useTranslation("reports");
  const [filter, setFilter] = useState(() => lastDays());
  const fits = isPeriod(filter);
  const report = useSupervisionReport(filter, fits);
  return (
    <>
      <Filters
        title={t("supervision.title")}
        filter={filter}
        onFilter={setFilter}
        fits={fits}
        csv={(filter) => reportsApi.supervisionCsv(filter)}
        csvName={t("supervision.csvName")}
      />
      <ReportState fits={fits} query={report} />
      {fits && report.data && <Report rows={report.data.rows} />}
    </>
  );
}

function Report({ rows }: { rows: readonly SupervisionReportRow[] }) {
  const { t } = useTranslation("reports");
  if (rows.length === 0)
    return (
      <section className={css["card"]} role="status">
        <h3>{t("supervision.none.title")}</h3>
        <p className="muted">{t("supervision.none.body")}</p>
      </section>
    );
  const newest = rows.toReversed();
  return (
    <section className={css["card"]}>
      <h3 id="supervision">{t("supervision.count", { count: rows.length })}</h3>
      {newest.length > SHOWN_MAX && <p className="muted">{t("supervision.cut", { count: SHOWN_MAX })}</p>}
      <Table
        look="figures"
        aria-labelledby="supervision"
        columns={COLUMNS.map((key) => ({ key, name: t(`supervision.${key}`), number: key === "length" }))}
      >
        {newest.slice(0, SHOWN_MAX).map((row) => (
          <Row key={`${row.from} ${row.supervisor.user} ${row.interaction} ${row.mode} ${row.end}`} row={row} />
        ))}
      </Table>
    </section>
  );
}

function Row({ row }: { row: SupervisionReportRow }) {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  const Icon = MODE_ICONS[row.mode];
  const began = <time dateTime={new Date(row.from).toISOString()}>{exactDateTime(row.from)}</time>;
  return (
    <TableRow>
      <th scope="row">
        {user.permissions.includes("view_contact_center_dashboard") ? (
          <Link href={`/supervisor/records/${row.interaction}`}>{began}</Link>
        ) : (
          began
        )}
      </th>
      <td>
        <bdi>{row.supervisor.name}</bdi>
      </td>
      <td>
        <span className={css["mode"]}>
          <Icon size={15} aria-hidden="true" />
          {t(`supervision.modes.${row.mode}`)}
        </span>
      </td>
      <td>
        <bdi>{row.agents.map(({ name }) => name).join(", ") || "–"}</bdi>
      </td>
      <td>{user.queues.find(({ id }) => id === row.queue)?.name ?? row.queue ?? "–"}</td>
      <TableNumber>{row.until === undefined ? "–" : clock(row.until - row.from)}</TableNumber>
      <td>{t(`supervision.end.${endOf(row)}`, { defaultValue: t("supervision.end.other") })}</td>
    </TableRow>
  );
}

/** The name of how it ended, for the words: where the log's own word says more, that one's. */
function endOf({ end, detail }: SupervisionReportRow): string {
  return end === "other" && detail !== undefined ? detail.replaceAll(" ", "_") : end;
}
