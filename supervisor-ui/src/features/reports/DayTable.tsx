import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { clock } from "../../ui/names";
import type { HelpReport } from "../../wire/generated";
import css from "./Reports.module.css";
import { fullDay } from "./when";

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
