import { History } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RecordFilter } from "../../api/records";
import { Button } from "../../ui/Button";
import { useRecords } from "./hooks";
import { isFiltered } from "./lines";
import css from "./Records.module.css";
import { RecordRow } from "./RecordRow";

const COLUMNS = ["time", "customer", "agents", "queue", "length", "help", "end"] as const;

export interface RecordListProps {
  filter: RecordFilter;
  open: string | null;
  onOpen: (id: string) => void;
}

/** The interactions that match, newest first. */
export function RecordList({ filter, open, onOpen }: RecordListProps) {
  const { t } = useTranslation("records");
  const list = useRecords(filter);
  const records = list.data?.pages.flatMap((page) => page.interactions) ?? [];
  const empty = isFiltered(filter) ? "noMatch" : "none";
  return (
    <div className={css["frame"]} aria-busy={list.isFetching}>
      <table className={css["table"]} aria-label={t("list")}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className={css[column]}>
                {t(`columns.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <RecordRow key={record.id} record={record} selected={record.id === open} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {list.isPending && (
        <p className={css["state"]} role="status">
          {t("loading")}
        </p>
      )}
      {list.isError && (
        <p className={css["state"]} role="alert">
          {t("failed")} {list.error.message}{" "}
          <Button size="small" onPress={() => void list.refetch()}>
            {t("again")}
          </Button>
        </p>
      )}
      {list.isSuccess && records.length === 0 && (
        <div className={css["empty"]} role="status">
          <span className={css["disc"]}>
            <History size={26} aria-hidden="true" />
          </span>
          <h2>{t(`${empty}.title`)}</h2>
          <p>{t(`${empty}.body`)}</p>
        </div>
      )}
      {list.hasNextPage && (
        <p className={css["state"]}>
          <Button onPress={() => void list.fetchNextPage()} isDisabled={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </p>
      )}
    </div>
  );
}
