import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { clock } from "../../ui/names";
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
      <table className={css["table"]} aria-labelledby="reasons">
        <thead>
          <tr>
            <th scope="col">{t("reason")}</th>
            <th scope="col">{t("shareHead")}</th>
            <th scope="col" className={css["number"]}>
              {t("count")}
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ reason, count }) => (
            <tr key={reason ?? ""}>
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
              <td className={css["number"]}>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Who asked most, and how fast they were answered. */
export function AgentTable({ report }: { report: HelpReport }) {
  const { t } = useTranslation("reports");
  return (
    <section className={css["card"]}>
      <h3 id="agents">{t("agents")}</h3>
      <table className={css["table"]} aria-labelledby="agents">
        <thead>
          <tr>
            <th scope="col">{t("agent")}</th>
            <th scope="col" className={css["number"]}>
              {t("requests")}
            </th>
            <th scope="col" className={css["number"]}>
              {t("cancelled")}
            </th>
            <th scope="col" className={css["number"]}>
              {t("answeredIn")}
            </th>
          </tr>
        </thead>
        <tbody>
          {agentsOf(report)
            .slice(0, AGENTS_SHOWN)
            .map(({ user, name, count, cancelled, meanMs }) => (
              <tr key={user}>
                <th scope="row">{name}</th>
                <td className={css["number"]}>{count}</td>
                <td className={css["number"]}>{cancelled}</td>
                <td className={css["number"]}>{meanMs === null ? "–" : clock(meanMs)}</td>
              </tr>
            ))}
        </tbody>
      </table>
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
      <table className={css["table"]} aria-labelledby="days">
        <thead>
          <tr>
            {["day", "agent", "team", "queue"].map((name) => (
              <th key={name} scope="col">
                {t(name)}
              </th>
            ))}
            {["requests", "answered", "cancelled", "mean", "longest"].map((name) => (
              <th key={name} scope="col" className={css["number"]}>
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.rows.map((row) => (
            <tr key={`${row.day} ${row.agent.user} ${row.team} ${row.queue}`}>
              <th scope="row">{fullDay(row.day)}</th>
              <td>{row.agent.name}</td>
              <td>{team(row.team)}</td>
              <td>{queue(row.queue)}</td>
              <td className={css["number"]}>{row.count}</td>
              <td className={css["number"]}>{row.answered}</td>
              <td className={css["number"]}>{row.cancelled}</td>
              <td className={css["number"]}>{time(row.answer_ms_mean)}</td>
              <td className={css["number"]}>{time(row.answer_ms_max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
