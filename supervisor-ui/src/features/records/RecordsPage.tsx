import { Search } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecordFilter } from "../../api/records";
import { navigate, usePath } from "../../browser/address";
import { Button } from "../../ui/Button";
import { dayOf, dayStart } from "../../ui/names";
import type { InteractionKind } from "../../wire/generated";
import { RecordList } from "./RecordList";
import { RecordPanel } from "./RecordPanel";
import { idBelow, isFiltered, NO_FILTER } from "./lines";
import css from "./Records.module.css";
import "./words";

export interface RecordsPageProps {
  /** The path of the list; a record's id stands below it. */
  base: string;
}

/** Interaction records: the list with its filters, and the record that is open. Without bar and rail. */
export function RecordsPage({ base }: RecordsPageProps) {
  const { t } = useTranslation("records");
  const [filter, setFilter] = useState(NO_FILTER);
  const open = idBelow(base, usePath());
  return (
    <div className={css["page"]} data-open={open !== null || undefined}>
      <section className={css["left"]} aria-label={t("list")}>
        <FilterBar filter={filter} onFilter={setFilter} />
        <RecordList filter={filter} open={open} onOpen={(id) => navigate(`${base}/${id}`)} />
      </section>
      {open !== null && <RecordPanel key={open} id={open} onClose={() => navigate(base)} />}
    </div>
  );
}

const KINDS: readonly (InteractionKind | "")[] = ["", "call", "conversation"];

export interface FilterBarProps {
  filter: RecordFilter;
  onFilter: (filter: RecordFilter) => void;
}

/** What the list is narrowed to. A day counts whole, on the reader's clock. */
function FilterBar({ filter, onFilter }: FilterBarProps) {
  const { t } = useTranslation("records");
  const ids = useId();
  return (
    <form className={css["bar"]} role="search" onSubmit={(event) => event.preventDefault()}>
      <label className={css["search"]}>
        <Search size={15} aria-hidden="true" />
        <span className="vh">{t("search")}</span>
        <input
          type="search"
          maxLength={200}
          placeholder={t("search")}
          value={filter.search}
          onChange={(event) => onFilter({ ...filter, search: event.target.value })}
        />
      </label>
      <select
        className={css["field"]}
        aria-label={t("kind")}
        value={filter.kind}
        onChange={(event) => onFilter({ ...filter, kind: KINDS.find((kind) => kind === event.target.value) ?? "" })}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t(`kinds.${kind || "all"}`)}
          </option>
        ))}
      </select>
      <label className={css["date"]} htmlFor={`${ids}from`}>
        {t("from")}
        <input
          id={`${ids}from`}
          className={css["field"]}
          type="date"
          value={filter.from === null ? "" : dayOf(filter.from)}
          onChange={(event) => onFilter({ ...filter, from: dayStart(event.target.value) })}
        />
      </label>
      <label className={css["date"]} htmlFor={`${ids}until`}>
        {t("until")}
        <input
          id={`${ids}until`}
          className={css["field"]}
          type="date"
          value={filter.until === null ? "" : dayOf(filter.until - 1)}
          onChange={(event) => onFilter({ ...filter, until: dayStart(event.target.value, 1) })}
        />
      </label>
      {isFiltered(filter) && (
        <Button kind="quiet" onPress={() => onFilter(NO_FILTER)}>
          {t("clear")}
        </Button>
      )}
    </form>
  );
}
