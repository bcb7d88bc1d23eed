import { useState } from "react";
import { useTranslation } from "react-i18next";
import { navigate, usePath } from "../../browser/address";
import { FilterBar } from "./FilterBar";
import { idBelow, NO_FILTER } from "./lines";
import { RecordList } from "./RecordList";
import { RecordPanel } from "./RecordPanel";
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
