import { ArrowDown, ArrowUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Tip } from "../../../ui/Tip";
import { type Sort, type SortKey, toggled } from "../model/rows";
import css from "./Table.module.css";

export interface Column {
  readonly key: SortKey | "talk" | "supervisors" | "action";
  /** What a click sorts by. */
  readonly sorts?: SortKey;
}

export const COLUMNS: readonly Column[] = [
  { key: "caller", sorts: "caller" },
  { key: "agent", sorts: "agent" },
  { key: "queue", sorts: "queue" },
  { key: "talk" },
  { key: "time", sorts: "time" },
  { key: "mood", sorts: "mood" },
  { key: "help", sorts: "help" },
  { key: "supervisors" },
  { key: "action" },
];

export function Heading({
  column: { key, sorts },
  sort,
  onSort,
}: {
  column: Column;
  sort: Sort;
  onSort: (sort: Sort) => void;
}) {
  const { t } = useTranslation("supervisor");
  const name = t(`table.${key}`);
  const direction = sort.key === sorts ? (sort.descending ? "descending" : "ascending") : undefined;
  const Arrow = direction === "descending" ? ArrowDown : ArrowUp;
  const button = sorts && (
    <button type="button" onClick={() => onSort(toggled(sort, sorts))}>
      {name}
      {direction && <Arrow size={12} aria-hidden="true" />}
    </button>
  );
  return (
    <th
      scope="col"
      role="columnheader"
      className={css[`c-${key}`]}
      aria-sort={sorts ? (direction ?? "none") : undefined}
    >
      {button && key === "mood" ? <Tip text={t("mood.about")}>{button}</Tip> : button}
      {!button && <span className={key === "action" ? "vh" : undefined}>{name}</span>}
    </th>
  );
}
