import { useTranslation } from "react-i18next";
import { clock } from "../../ui/names";
import type { HelpReport } from "../../wire/generated";
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
