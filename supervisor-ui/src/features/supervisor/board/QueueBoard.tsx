import { useTranslation } from "react-i18next";
import { Elapsed } from "../parts/Parts";
import { useQueues } from "./hooks";
import { levelOf, type QueueRow } from "./queues";
import css from "./Board.module.css";

const FIGURES = ["offered", "answered", "abandoned"] as const;

/** Who waits in which queue, and how today went against its goal. */
export function QueueBoard() {
  const { t } = useTranslation("board");
  const { rows, failed } = useQueues();
  return (
    <section className={css["board"]} aria-label={t("queues")}>
      {failed && <p role="alert">{t("failed")}</p>}
      <div className={css["frame"]}>
        {rows.length === 0 ? (
          <div className={css["empty"]} role="status">
            <h2>{t("queue.none.title")}</h2>
            <p>{t("queue.none.body")}</p>
          </div>
        ) : (
          <table className={css["table"]} aria-label={t("queues")}>
            <thead>
              <tr>
                <th scope="col" className={css["agent"]}>
                  {t("queue.name")}
                </th>
                <th scope="col">{t("queue.waiting")}</th>
                <th scope="col" className={css["number"]}>
                  {t("queue.longest")}
                </th>
                {FIGURES.map((name) => (
                  <th key={name} scope="col" className={css["number"]}>
                    {t(`queue.${name}`)}
                  </th>
                ))}
                <th scope="col">{t("queue.level")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.queue.id} row={row} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

function Row({ row }: { row: QueueRow }) {
  const { t } = useTranslation("board");
  const waiting = [
    ...(row.calls > 0 ? [t("queue.calls", { count: row.calls })] : []),
    ...(row.chats > 0 ? [t("chats", { count: row.chats })] : []),
  ];
  return (
    <tr className={css["row"]}>
      <th scope="row" className={css["agent"]}>
        <bdi>{row.queue.name}</bdi>
      </th>
      <td data-some={waiting.length > 0 || undefined}>{waiting.join(", ") || <span className="muted">0</span>}</td>
      <td className={css["number"]}>{row.since === null ? "–" : <Elapsed from={row.since} />}</td>
      {FIGURES.map((name) => (
        <td key={name} className={css["number"]}>
          {row.today?.[name] ?? 0}
        </td>
      ))}
      <td>
        <Level row={row} />
      </td>
    </tr>
  );
}

/** The level and the goal; that it is missed is said, not only coloured. */
export function Level({ row: { today, goal } }: { row: QueueRow }) {
  const { t } = useTranslation("board");
  const level = levelOf(today);
  const below = level !== null && goal !== undefined && level < goal.percent;
  return (
    <span className={css["level"]} data-below={below || undefined}>
      <b>{level === null ? "–" : t("percent", { percent: level })}</b>
      {goal && <small className="muted">{t("queue.goal", { ...goal })}</small>}
      {below && <small>{t("queue.below")}</small>}
    </span>
  );
}
