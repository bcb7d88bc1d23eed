import { Hand, MessageSquare, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { clock } from "../../ui/names";
import type { InteractionView } from "../../wire/generated";
import { useQueueName } from "./hooks";
import { lengthOf } from "./lines";
import css from "./Records.module.css";
import { dateTime } from "./when";

export interface RecordRowProps {
  record: InteractionView;
  selected: boolean;
  onOpen: (id: string) => void;
}

/** One interaction. The customer's name opens it; so does a click anywhere else in the row. */
export function RecordRow({ record, selected, onOpen }: RecordRowProps) {
  const { t } = useTranslation("records");
  const length = lengthOf(record);
  const Icon = record.kind === "call" ? Phone : MessageSquare;
  const end = record.end_reason;
  const queue = useQueueName(record.queue);
  const open = () => onOpen(record.id);
  return (
    <tr className={css["row"]} aria-selected={selected} onClick={open}>
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
      <td className={css["length"]}>{length === null ? "–" : clock(length)}</td>
      <td className={css["help"]}>
        {record.help && (
          <span className={css["mark"]}>
            <Hand size={14} aria-hidden="true" />
            {t(`help.${record.help}`)}
          </span>
        )}
      </td>
      <td className={css["end"]}>
        {record.ended_at === undefined ? t("running") : end && t(`end.${end}`, { defaultValue: end })}
      </td>
    </tr>
  );
}
