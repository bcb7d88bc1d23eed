import { useTranslation } from "react-i18next";
import { Empty } from "../../../ui/Empty";
import { Table, TableFrame, TableNumber, TableRow } from "../../../ui/Table";
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
      <TableFrame look="sheet">
        {rows.length === 0 ? (
          <Empty title={t("queue.none.title")}>
            <p>{t("queue.none.body")}</p>
          </Empty>
        ) : (
          <Table
            look="sheet"
            aria-label={t("queues")}
            columns={[
              { key: "name", name: t("queue.name"), className: css["agent"] },
              { key: "waiting", name: t("queue.waiting") },
              { key: "longest", name: t("queue.longest"), number: true },
              ...FIGURES.map((key) => ({ key, name: t(`queue.${key}`), number: true })),
              { key: "level", name: t("queue.level") },
            ]}
          >
            {rows.map((row) => (
              <Row key={row.queue.id} row={row} />
            ))}
          </Table>
        )}
      </TableFrame>
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
    <TableRow>
      <th scope="row" className={css["agent"]}>
        <bdi>{row.queue.name}</bdi>
      </th>
      <td className={css["waiting"]} data-some={waiting.length > 0 || undefined}>
        {waiting.join(", ") || <span className="muted">0</span>}
      </td>
      <TableNumber>{row.since === null ? "–" : <Elapsed from={row.since} />}</TableNumber>
      {FIGURES.map((name) => (
        <TableNumber key={name}>{row.today?.[name] ?? 0}</TableNumber>
      ))}
      <td>
        <Level row={row} />
      </td>
    </TableRow>
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
