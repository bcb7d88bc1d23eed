import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AgentRow } from "./AgentRow";
import { useBoard } from "./hooks";
import { BOARD_STATES, type BoardRow, type BoardState, countsOf } from "./model";
import css from "./Board.module.css";

const COLUMNS = ["agent", "state", "since", "work", "today", "missed", "actions"] as const;

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
  return (
    <section className={css["board"]} aria-label={t("agents")}>
      <div className={css["bar"]}>
        <label className={css["search"]}>
          <Search size={15} aria-hidden="true" />
          <span className="vh">{t("search")}</span>
          <input
            type="search"
            placeholder={t("search")}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        <Filter pressed={only === null} onPress={() => setOnly(null)}>
          {t("all", { count: rows.length })}
        </Filter>
        {BOARD_STATES.map((state) => (
          <Filter key={state} pressed={only === state} onPress={() => setOnly(only === state ? null : state)}>
            <i className={css["dot"]} data-state={state} aria-hidden="true" />
            {t(`state.${state}`)} {counts[state]}
          </Filter>
        ))}
      </div>
      {failed && <p role="alert">{t("failed")}</p>}
      <div className={css["frame"]}>
        {shown.length === 0 ? (
          <Empty which={rows.length === 0 ? "none" : "noMatch"} />
        ) : (
          <table className={css["table"]} aria-label={t("agents")}>
            <thead>
              <tr>
                {COLUMNS.map((column) => (
                  <th key={column} scope="col" className={css[column]}>
                    {column === "actions" ? (
                      <span className="vh">{t(`columns.${column}`)}</span>
                    ) : (
                      t(`columns.${column}`)
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <AgentRow key={row.agent.user} row={row} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  );
}

interface FilterProps {
  pressed: boolean;
  onPress: () => void;
  children: React.ReactNode;
}

function Filter({ pressed, onPress, children }: FilterProps) {
  return (
    <button type="button" className={css["filter"]} aria-pressed={pressed} onClick={onPress}>
      {children}
    </button>
  );
}

function Empty({ which }: { which: "none" | "noMatch" }) {
  const { t } = useTranslation("board");
  return (
    <div className={css["empty"]} role="status">
      <h2>{t(`${which}.title`)}</h2>
      <p>{t(`${which}.body`)}</p>
    </div>
  );
}
