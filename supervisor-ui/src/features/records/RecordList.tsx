import { Hand, History, MessageSquare, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RecordFilter } from "../../api/records";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { clock } from "../../ui/names";
import { Table, TableFrame, TableNumber, TableRow } from "../../ui/Table";
import type { InteractionView } from "../../wire/generated";
import { useQueueName, useRecords } from "./hooks";
import { isFiltered, lengthOf } from "./lines";
import { dateTime } from "../../ui/time";
import { codeName } from "../../ui/wrapUp";
import css from "./Records.module.css";

const COLUMNS = ["time", "customer", "agents", "queue", "length", "help", "codes", "end"] as const;

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
    <TableFrame look="sheet" aria-busy={list.isFetching}>
      <Table
        look="sheet"
        fixed
        aria-label={t("list")}
        columns={COLUMNS.map((key) => ({
          key,
          name: t(`columns.${key}`),
          number: key === "length",
          className: css[key],
        }))}
      >
        {records.map((record) => (
          <RecordRow key={record.id} record={record} selected={record.id === open} onOpen={onOpen} />
        ))}
      </Table>
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
        <Empty icon={<History size={26} aria-hidden="true" />} title={t(`${empty}.title`)}>
          <p>{t(`${empty}.body`)}</p>
        </Empty>
      )}
      {list.hasNextPage && (
        <p className={css["state"]}>
          <Button onPress={() => void list.fetchNextPage()} isDisabled={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </p>
      )}
    </TableFrame>
  );
}

export interface RecordRowProps {
  record: InteractionView;
  selected: boolean;
  onOpen: (id: string) => void;
}

/** One interaction. The customer's name opens it; so does a click anywhere else in the row. */
function RecordRow({ record, selected, onOpen }: RecordRowProps) {
  const { t } = useTranslation("records");
  const length = lengthOf(record);
  const Icon = record.kind === "call" ? Phone : MessageSquare;
  const end = record.end_reason;
  const queue = useQueueName(record.queue);
  const open = () => onOpen(record.id);
  return (
    <TableRow className={css["row"]} aria-selected={selected} onClick={open}>
      <td className={css["time"]}>
        <time dateTime={new Date(record.opened_at).toISOString()}>{dateTime(record.opened_at)}</time>
      </td>
      <td className={css["customer"]}>
        <button
          type="button"
          className={css["name"]}
          onClick={(event) => {
            event.stopPropagation();
            open();
          }}
        >
          <Icon size={15} aria-label={t(record.kind === "call" ? "call" : "chat")} role="img" />
          <b>{record.requester.name}</b>
        </button>
        {record.subject && <small>{record.subject}</small>}
      </td>
      <td className={css["agents"]}>
        {record.agents.map(({ name }) => name).join(", ") || <span className="muted">{t("unanswered")}</span>}
      </td>
      <td className={css["queue"]}>{queue}</td>
      <TableNumber className={css["length"]}>{length === null ? "–" : clock(length)}</TableNumber>
      <td className={css["help"]}>
        {record.help && (
          <span className={css["mark"]}>
            <Hand size={14} aria-hidden="true" />
            {t(`help.${record.help}`)}
          </span>
        )}
      </td>
      <td className={css["codes"]}>{record.codes.map((code) => codeName(t, code)).join(", ")}</td>
      <td className={css["end"]}>
        {record.ended_at === undefined ? t("running") : end && t(`end.${end}`, { defaultValue: end })}
      </td>
    </TableRow>
  );
}
