import { Plus, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { FilterBar, SearchField } from "../../ui/Filters";
import { Table, TableFrame } from "../../ui/Table";
import { useProblem, useReload } from "./data";
import { ROWS_MAX } from "./find";
import css from "./Section.module.css";

export interface SectionProps {
  title: string;
  about?: string;
  search?: { text: string; placeholder: string; onChange: (text: string) => void };
  create?: { label: string; onPress: () => void } | undefined;
  tools?: ReactNode;
  children: ReactNode;
}

/** One part of the page: its name, search, the way to something new, and what there is. */
export function Section({ title, about, search, create, tools, children }: SectionProps) {
  const { t } = useTranslation("admin");
  return (
    <section className={css["section"]} aria-label={title}>
      <FilterBar className={css["head"]}>
        <h2>{title}</h2>
        {search && (
          <SearchField
            label={t("search")}
            placeholder={search.placeholder}
            value={search.text}
            onChange={search.onChange}
          />
        )}
        {tools}
        {create && (
          <Button kind="primary" className={css["create"]} onPress={create.onPress}>
            <Plus size={16} aria-hidden="true" />
            {create.label}
          </Button>
        )}
      </FilterBar>
      {about && <p className={css["about"]}>{about}</p>}
      {children}
    </section>
  );
}

export interface RowsProps<T> {
  label: string;
  columns: readonly string[];
  /** What is looked at: `undefined` while it is loaded. */
  all: readonly T[] | undefined;
  shown: readonly T[];
  error: Error | null;
  /** What was searched for. */
  search?: string;
  /** Rows at most. */
  max?: number;
  row: (one: T) => ReactNode;
  empty?: string;
}

/** A table, or why there is nothing in it. */
export function Rows<T>({ label, columns, all, shown, error, search = "", max = ROWS_MAX, row, empty }: RowsProps<T>) {
  const { t } = useTranslation("admin");
  const { t: common } = useTranslation();
  if (error && !all) return <Failed error={error} />;
  if (!all)
    return (
      <p className={css["empty"]} role="status">
        {common("loading")}
      </p>
    );
  if (shown.length === 0)
    return (
      <p className={css["empty"]}>{search.trim() ? t("nothing", { text: search.trim() }) : (empty ?? t("none"))}</p>
    );
  return (
    <>
      <TableFrame look="list" className={css["frame"]}>
        <Table
          look="list"
          className={css["table"]}
          aria-label={label}
          columns={columns.map((name) => ({ key: name, name }))}
        >
          {shown.slice(0, max).map(row)}
        </Table>
      </TableFrame>
      {shown.length > max && <p className={css["about"]}>{t("narrow", { shown: max, all: shown.length })}</p>}
    </>
  );
}

/** Why something could not be read. */
export function Failed({ error }: { error: Error }) {
  const { t } = useTranslation("admin");
  const problem = useProblem();
  const reload = useReload();
  return (
    <p className={css["failed"]} role="alert">
      <TriangleAlert size={16} aria-hidden="true" />
      <span>{t("failed", { why: problem(error) })}</span>
      <Button size="small" onPress={() => void reload()}>
        {t("loadAgain")}
      </Button>
    </p>
  );
}

/** The cell that opens what its row is about. */
export function OpenCell({ name, detail, onOpen }: { name: string; detail?: string; onOpen: () => void }) {
  return (
    <th scope="row">
      <button type="button" className={css["open"]} onClick={onOpen}>
        {name}
      </button>
      {detail && <span className={css["detail"]}>{detail}</span>}
    </th>
  );
}
