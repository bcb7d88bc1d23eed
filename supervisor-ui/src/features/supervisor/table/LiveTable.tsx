import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { AudioLines, SearchX } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { Empty } from "../../../ui/Empty";
import { Table, TableFrame } from "../../../ui/Table";
import type { DashboardView } from "../dashboard/useDashboard";
import type { Entry } from "../model/entry";
import { type Filter, inOrderOf, type Item, itemsOf, NO_FILTER, ordered, type Sort } from "../model/rows";
import { EntryRow } from "./EntryRow";
import { COLUMNS, Heading } from "./Heading";
import { useHover } from "./Cells";
import css from "./Table.module.css";

/** The table, or why it is empty. */
export function LiveTable({ dashboard }: { dashboard: DashboardView }) {
  const { t } = useTranslation("supervisor");
  const { hovered, bind } = useHover();
  const { entries, filter, sort, density, selected, connection } = dashboard;
  const frame = useRef<HTMLDivElement>(null);
  const rows = useOrder(entries, filter, sort, hovered);
  return (
    <TableFrame look="sheet" ref={frame} className={css["density"]} data-density={density} {...bind}>
      {rows.length > 0 ? (
        <LiveGrid
          frame={frame}
          entries={rows}
          density={density}
          sort={sort}
          onSort={dashboard.setSort}
          selected={selected?.id ?? null}
          onOpen={dashboard.open}
          focused={dashboard.focused}
          onFocus={dashboard.setFocused}
          disabled={connection.kind !== "live"}
        />
      ) : entries.length > 0 ? (
        <Empty icon={<SearchX size={24} aria-hidden="true" />} title={t("table.noMatch")}>
          <p>{t("table.noMatchHint")}</p>
          <Button onPress={() => dashboard.setFilter(NO_FILTER)}>{t("table.clear")}</Button>
        </Empty>
      ) : (
        connection.kind !== "connecting" && <NoCalls />
      )}
    </TableFrame>
  );
}

/** Says when rows will appear. */
function NoCalls() {
  const { t } = useTranslation("supervisor");
  const teams = useLive((state) => state.me?.teams) ?? [];
  const agents = useLive((state) => state.agents);
  const count = (state: "ready" | "offline") => [...agents.values()].filter((agent) => agent.state === state).length;
  return (
    <Empty icon={<AudioLines size={24} aria-hidden="true" />} title={t("empty.title")}>
      <p>
        {t("empty.body", { teams: teams.map((team) => team.name).join(", ") })}{" "}
        {t("empty.ready", { count: count("ready") })} {t("empty.offline", { count: count("offline") })}
      </p>
    </Empty>
  );
}

const ROW_PX = { comfortable: 34, compact: 29 };
const GROUP_PX = 27;
const OVERSCAN_ROWS = 12;

export interface LiveGridProps {
  /** What scrolls. */
  frame: RefObject<HTMLDivElement | null>;
  entries: readonly Entry[];
  density: "comfortable" | "compact";
  sort: Sort;
  onSort: (sort: Sort) => void;
  selected: string | null;
  onOpen: (id: string) => void;
  focused: string | null;
  onFocus: (id: string) => void;
  disabled: boolean;
}

/** Calls, chats, then what waits; only what is in sight is in the document. Arrows move, Enter opens. */
function LiveGrid({
  frame,
  entries,
  density,
  sort,
  onSort,
  selected,
  onOpen,
  focused,
  onFocus,
  disabled,
}: LiveGridProps) {
  const { t } = useTranslation("supervisor");
  const table = useRef<HTMLTableElement>(null);
  const items = useMemo(() => itemsOf(entries), [entries]);
  const rows = useMemo(
    () => items.flatMap((item, index) => (item.kind === "entry" ? [{ id: item.entry.id, index }] : [])),
    [items],
  );
  const at = rows.findIndex(({ id }) => id === focused);
  const focusable = rows[Math.max(0, at)];
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: (index) => (items[index]?.kind === "group" ? GROUP_PX : ROW_PX[density]),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    // The heading stays at the top, over the rows.
    scrollPaddingStart: ROW_PX.comfortable,
    rangeExtractor: (range) => withFocusable(range, focusable?.index),
  });
  useEffect(() => virtual.measure(), [virtual, density]);
  useArrowsInto(table);
  const onKeyDown = (event: KeyboardEvent) => {
    const from = Math.max(0, at);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = to === undefined ? undefined : rows[to];
    if (!next || !(event.target as HTMLElement).closest("tbody")) return;
    event.preventDefault();
    virtual.scrollToIndex(next.index);
    onFocus(next.id);
    // A row that was out of sight is there with the next drawing.
    requestAnimationFrame(() =>
      table.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus({ preventScroll: true }),
    );
  };
  // Cells across all columns would count those that a narrow table leaves out.
  const draw = (item: Item, index: number) =>
    item.kind === "group" ? (
      <tr key={item.key} ref={virtual.measureElement} data-index={index} className={css["group"]}>
        <th scope="rowgroup" role="gridcell">
          {t(`table.${item.key}`)} <span className="muted">{item.count}</span>
        </th>
      </tr>
    ) : (
      <EntryRow
        key={item.key}
        entry={item.entry}
        index={index}
        place={item.place}
        measure={virtual.measureElement}
        selected={item.entry.id === selected}
        focusable={item.entry.id === focusable?.id}
        disabled={disabled}
        onOpen={onOpen}
        onFocus={onFocus}
      />
    );
  return (
    <Table
      look="sheet"
      fixed
      ref={table}
      className={css["table"]}
      role="grid"
      aria-label={t("table.label")}
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
      head={
        <tr aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      }
    >
      {spaced(virtual.getVirtualItems(), virtual.getTotalSize(), items, draw)}
    </Table>
  );
}

interface Shown {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** The rows in sight, with empty room where others are left out. */
function spaced(
  shown: readonly Shown[],
  total: number,
  items: readonly Item[],
  draw: (item: Item, index: number) => React.ReactNode,
) {
  const parts: React.ReactNode[] = [];
  let end = 0;
  for (const row of shown) {
    const item = items[row.index];
    if (row.start > end) parts.push(<Room key={`room ${row.index}`} height={row.start - end} />);
    if (item) parts.push(draw(item, row.index));
    end = row.end;
  }
  if (total > end) parts.push(<Room key="room" height={total - end} />);
  return parts;
}

function Room({ height }: { height: number }) {
  return (
    <tr aria-hidden="true" role="presentation">
      <td role="presentation" style={{ height, padding: 0 }} />
    </tr>
  );
}

/** The row that the Tab key leads to is in the document, however far the table is scrolled. */
function withFocusable(range: Range, index: number | undefined): number[] {
  const shown = defaultRangeExtractor(range);
  return index === undefined || shown.includes(index) ? shown : [...shown, index].toSorted((a, b) => a - b);
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

/** The rows in order; while `frozen` they keep their places, and newcomers come last. */
function useOrder(entries: readonly Entry[], filter: Filter, sort: Sort, frozen: boolean): Entry[] {
  const places = useRef<{ sort: Sort; ids: string[] }>({ sort, ids: [] });
  const fresh = useMemo(() => ordered(entries, filter, sort), [entries, filter, sort]);
  // A new sorting is the user's own wish: it takes effect under the pointer too.
  const rows = frozen && places.current.sort === sort ? inOrderOf(places.current.ids, fresh) : fresh;
  places.current = { sort, ids: rows.map(({ id }) => id) };
  return rows;
}
