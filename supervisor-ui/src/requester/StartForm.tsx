import { ChevronDown, TriangleAlert } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import css from "../ui/GuestPage.module.css";
import type { Queue } from "../wire/generated";
import type { Start } from "./useStart";
import "./words";

const NAME_CHARS_MAX = 80;

export interface StartFormProps {
  start: Start;
  lead: string;
  /** What is said when no queue is open. */
  noQueues: string;
  /** Why it did not come about. */
  problem: string | null;
  /** Fields of this page alone. */
  fields?: ReactNode;
  /** The button that sends it, and what stands below. */
  children: ReactNode;
  onStart: (name: string, queue: Queue) => void;
}

/** The form with which one comes in to call or to write: who it is, and what about. */
export function StartForm({ start, lead, noQueues, problem, fields, children, onStart }: StartFormProps) {
  const { t } = useTranslation("requester");
  const { name, queue, queues, failed } = start;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.go(onStart);
  };
  return (
    <form className={css["card"]} onSubmit={submit}>
      <div>
        <h1>{t("start.title")}</h1>
        <p className={css["lead"]}>{lead}</p>
      </div>
      <label className={css["field"]}>
        {t("start.name")}
        <input
          name="name"
          autoComplete="name"
          required
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={(event) => start.setName(event.target.value)}
        />
      </label>
      <label className={css["field"]}>
        {t("start.queue")}
        <span className={css["select"]}>
          <select
            name="queue"
            required
            value={queue?.id ?? ""}
            disabled={!queue}
            onChange={(event) => start.choose(event.target.value)}
          >
            {queues?.map(({ id, name: label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
          <ChevronDown size={18} aria-hidden="true" />
        </span>
      </label>
      {fields}
      <div className={css["problem"]} role="alert">
        {problem && <Trouble text={problem} />}
        {failed && <Trouble text={t("start.queuesFailed")} />}
        {queues?.length === 0 && <Trouble text={noQueues} />}
      </div>
      {children}
    </form>
  );
}

function Trouble({ text }: { text: string }) {
  return (
    <p>
      <TriangleAlert size={18} aria-hidden="true" />
      <span>{text}</span>
    </p>
  );
}
