import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { clock } from "../../ui/names";
import { Table, TableNumber, TableRow } from "../../ui/Table";
import type { HelpReport } from "../../wire/generated";
import { fullDay } from "../../ui/time";
import { agentsOf, reasonsOf } from "./report";
import css from "./Reports.module.css";

/** Agents that the list shows; the rest are in the table. */
const AGENTS_SHOWN = 12;

/** Why help was asked for. */
export function ReasonTable({ report, total }: { report: HelpReport; total: number }) {
  const { t } = useTranslation("reports");
  const reasons = reasonsOf(report, total);
  const most = Math.max(1, ...reasons.map(({ count }) => count));
  return (
    <section className={css["card"]}>
      <h3 id="reasons">{t("reasons")}</h3>
      <Table
        look="figures"
        aria-labelledby="reasons"
        columns={[
          { key: "reason", name: t("reason") },
          { key: "share", name: t("shareHead") },
          { key: "count", name: t("count"), number: true },
        ]}
      >
        {reasons.map(({ reason, count }) => (
          <TableRow key={reason ?? ""}>
            <th scope="row">{reason ?? t("noReason")}</th>
            <td>
              <meter
                className={css["share"]}
                min={0}
                max={most}
                value={count}
                aria-label={t("share", { percent: Math.round((count / total) * 100) })}
              />
            </td>
            <TableNumber>{count}</TableNumber>
          </TableRow>
        ))}
      </Table>
    </section>
  );
}

/** Who asked most, and how fast they were answered. */
export function AgentTable({ report }: { report: HelpReport }) {
  const { t } = useTranslation("reports");
  return (
    <section className={css["card"]}>
      <h3 id="agents">{t("agents")}</h3>
      <Table
        look="figures"
        aria-labelledby="agents"
        columns={[
          { key: "agent", name: t("agent") },
          ...["requests", "cancelled", "answeredIn"].map((key) => ({ key, name: t(key), number: true })),
        ]}
      >
        {agentsOf(report)
          .slice(0, AGENTS_SHOWN)
          .map(({ user, name, count, cancelled, meanMs }) => (
            <TableRow key={user}>
              <th scope="row">{name}</th>
              <TableNumber>{count}</TableNumber>
              <TableNumber>{cancelled}</TableNumber>
              <TableNumber>{meanMs === null ? "–" : clock(meanMs)}</TableNumber>
            </TableRow>
          ))}
      </Table>
    </section>
  );
}

/** Every line of the report, as in the file. */
export function DayTable({ report }: { report: HelpReport }) {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  const team = (id: string | undefined) => user.teams.find((team) => team.id === id)?.name ?? "";
  const queue = (id: string | undefined) => user.queues.find((queue) => queue.id === id)?.name ?? id ?? "";
  const time = (ms: number | undefined) => (ms === undefined ? "–" : clock(ms));
  return (
    <section className={css["card"]}>
      <h3 id="days">{t("perDayAgent")}</h3>
      <Table
        look="figures"
        aria-labelledby="days"
        columns={[
          ...["day", "agent", "team", "queue"].map((key) => ({ key, name: t(key) })),
          ...["requests", "answered", "cancelled", "mean", "longest"].map((key) => ({
            key,
            name: t(key),
            number: true,
          })),
        ]}
      >
        {report.rows.map((row) => (
          <TableRow key={`${row.day} ${row.agent.user} ${row.team} ${row.queue}`}>
            <th scope="row">{fullDay(row.day)}</th>
            <td>{row.agent.name}</td>
            <td>{team(row.team)}</td>
            <td>{queue(row.queue)}</td>
            <TableNumber>{row.count}</TableNumber>
            <TableNumber>{row.answered}</TableNumber>
            <TableNumber>{row.cancelled}</TableNumber>
            <TableNumber>{time(row.answer_ms_mean)}</TableNumber>
            <TableNumber>{time(row.answer_ms_max)}</TableNumber>
          </TableRow>
        ))}
      </Table>
    </section>
  );
}
