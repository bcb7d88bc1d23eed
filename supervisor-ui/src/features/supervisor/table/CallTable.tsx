import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CallView } from "../../../wire/generated";
import { CallRow } from "./CallRow";
import { isLive, type Sort, type SortKey, toggled } from "./rows";
import css from "./Table.module.css";

const COLUMNS: readonly { key: SortKey | "talk" | "supervisors" | "action"; sorts: boolean }[] = [
  { key: "caller", sorts: true },
  { key: "agent", sorts: true },
  { key: "queue", sorts: true },
  { key: "talk", sorts: false },
  { key: "state", sorts: true },
  { key: "time", sorts: true },
  { key: "help", sorts: true },
  { key: "supervisors", sorts: false },
  { key: "action", sorts: false },
];

export interface CallTableProps {
  rows: readonly CallView[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  selected: string | null;
  onOpen: (call: string) => void;
  focused: string | null;
  onFocus: (call: string) => void;
  disabled: boolean;
}

/** The live calls, then those that wait. Arrows move between rows, Enter opens one. */
export function CallTable({ rows, sort, onSort, selected, onOpen, focused, onFocus, disabled }: CallTableProps) {
  const { t } = useTranslation("supervisor");
  const table = useRef<HTMLTableElement>(null);
  const live = rows.filter(isLive);
  const waiting = rows.filter((call) => !isLive(call));
  const all = [...live, ...waiting];
  const focusable = all.some((call) => call.id === focused) ? focused : (all[0]?.id ?? null);

  useArrowsInto(table);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = all.findIndex((call) => call.id === focusable);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    const next = to === undefined ? undefined : all[to];
    if (!next || !(event.target as HTMLElement).closest("tbody")) return;
    event.preventDefault();
    table.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus();
  };

  const group = (name: "groupCalls" | "groupWaiting", calls: readonly CallView[], before: number) =>
    calls.length > 0 && (
      <tbody>
        <tr className={css["group"]}>
          <th scope="rowgroup">
            {t(`table.${name}`)} <span className="muted">{calls.length}</span>
          </th>
        </tr>
        {calls.map((call, index) => (
          <CallRow key={call.id} call={call} index={before + index + 2} selected={call.id === selected} focusable={call.id === focusable} disabled={disabled} onOpen={onOpen} onFocus={onFocus} />
        ))}
      </tbody>
    );

  return (
    <table ref={table} className={css["table"]} role="grid" aria-label={t("table.label")} aria-rowcount={all.length + 1} onKeyDown={onKeyDown}>
      <thead>
        <tr aria-rowindex={1}>
          {COLUMNS.map(({ key, sorts }) => (
            <Heading key={key} column={key} sort={sorts ? sort : null} onSort={onSort} />
          ))}
        </tr>
      </thead>
      {group("groupCalls", live, 0)}
      {group("groupWaiting", waiting, live.length)}
    </table>
  );
}

/** Up and Down lead into the table while nothing else has the focus. */
function useArrowsInto(table: RefObject<HTMLTableElement | null>): void {
  useEffect(() => {
    const enter = (event: globalThis.KeyboardEvent) => {
      if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || document.activeElement !== document.body) return;
      event.preventDefault();
      table.current?.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus();
    };
    window.addEventListener("keydown", enter);
    return () => window.removeEventListener("keydown", enter);
  }, [table]);
}

function Heading({ column, sort, onSort }: { column: SortKey | "talk" | "supervisors" | "action"; sort: Sort | null; onSort: (sort: Sort) => void }) {
  const { t } = useTranslation("supervisor");
  const name = t(`table.${column}`);
  const direction = sort?.key === column ? (sort.descending ? "descending" : "ascending") : undefined;
  const Arrow = direction === "descending" ? ArrowDown : ArrowUp;
  return (
    <th scope="col" role="columnheader" className={css[`c-${column}`]} aria-sort={sort ? (direction ?? "none") : undefined}>
      {sort ? (
        <button type="button" onClick={() => onSort(toggled(sort, column as SortKey))}>
          {name}
          {direction && <Arrow size={12} aria-hidden="true" />}
        </button>
      ) : (
        <span className={column === "action" ? "vh" : undefined}>{name}</span>
      )}
    </th>
  );
}
