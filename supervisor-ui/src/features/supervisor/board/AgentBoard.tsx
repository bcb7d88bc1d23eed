import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../../ui/Empty";
import { FilterBar, FilterChip, SearchField } from "../../../ui/Filters";
import { PresenceDot } from "../../../ui/PresenceDot";
import { Table, TableFrame } from "../../../ui/Table";
import { AgentRow } from "./AgentRow";
import { useBoard } from "./hooks";
import { BOARD_STATES, type BoardRow, type BoardState, countsOf } from "./model";
import css from "./Board.module.css";

const COLUMNS = ["agent", "state", "since", "work", "today", "missed", "actions"] as const;
const FIGURES: ReadonlySet<string> = new Set(["since", "today", "missed", "actions"]);

/** Every agent of the supervisor's teams, by name: the rows stay where they are, whatever happens. */
export function AgentBoard() {
  const { t } = useTranslation("board");
  const { rows, failed } = useBoard();
  const [search, setSearch] = useState("");
  const [only, setOnly] = useState<BoardState | null>(null);
  const wanted = search.trim().normalize("NFKC").toLocaleLowerCase();
  const fits = ({ agent, state }: BoardRow) =>
    (only === null || state === only) && agent.name.normalize("NFKC").toLocaleLowerCase().includes(wanted);
  const shown = rows.filter(fits);
  const counts = countsOf(rows);
  const empty = rows.length === 0 ? "none" : "noMatch";
  return (
    <section className={css["board"]} aria-label={t("agents")}>
      <FilterBar>
        <SearchField label={t("search")} value={search} onChange={setSearch} />
        <FilterChip pressed={only === null} onPress={() => setOnly(null)}>
          {t("all", { count: rows.length })}
        </FilterChip>
        {BOARD_STATES.map((state) => (
          <FilterChip key={state} pressed={only === state} onPress={() => setOnly(only === state ? null : state)}>
            <PresenceDot state={state} />
            {t(`state.${state}`)} {counts[state]}
          </FilterChip>
        ))}
      </FilterBar>
      {failed && <p role="alert">{t("failed")}</p>}
      <TableFrame look="sheet">
        {shown.length === 0 ? (
          <Empty title={t(`${empty}.title`)}>
            <p>{t(`${empty}.body`)}</p>
          </Empty>
        ) : (
          <Table
            look="sheet"
            aria-label={t("agents")}
            columns={COLUMNS.map((key) => ({
              key,
              name: t(`columns.${key}`),
              number: FIGURES.has(key),
              hidden: key === "actions",
              className: css[key],
            }))}
          >
            {shown.map((row) => (
              <AgentRow key={row.agent.user} row={row} />
            ))}
          </Table>
        )}
      </TableFrame>
    </section>
  );
}
