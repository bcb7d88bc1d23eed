import { ChevronDown, TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GuestApi } from "../api/guest";
import { session } from "../browser/storage";
import type { Queue } from "../wire/generated";
import css from "../ui/GuestPage.module.css";
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

/** One name for calls and chats: who calls and writes is the same. */
const NAME = "sotto.caller_name";

/** Who comes, and what about. */
export interface Start {
  readonly name: string;
  setName(name: string): void;
  /** `null`: not known yet. */
  readonly queues: readonly Queue[] | null;
  /** The queues could not be loaded. */
  readonly failed: boolean;
  /** The chosen one, or else the first. */
  readonly queue: Queue | undefined;
  choose(queue: string): void;
  /** For the next page or load of this tab. */
  rememberName(): void;
  /** Goes on, unless something is missing. */
  go(then: (name: string, queue: Queue) => void): void;
}

/** The address may have filled it in. `api` has to stay the same. */
export function useStart(api: Pick<GuestApi, "queues">): Start {
  const { queues, failed } = useQueues(api);
  const [given] = useState(() => new URLSearchParams(location.search));
  const [name, setName] = useState(() => given.get("name") ?? session.get(NAME) ?? "");
  const [chosen, choose] = useState(given.get("queue"));
  const queue = queues?.find(({ id }) => id === chosen) ?? queues?.[0];
  const rememberName = () => session.set(NAME, name.trim());
  const go = (then: (name: string, queue: Queue) => void) => {
    if (!queue || !name.trim()) return;
    rememberName();
    then(name.trim(), queue);
  };
  return { name, setName, queues, failed, queue, choose, rememberName, go };
}

function useQueues(api: Pick<GuestApi, "queues">): Pick<Start, "queues" | "failed"> {
  const [queues, setQueues] = useState<readonly Queue[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    api.queues().then(
      (list) => wanted && setQueues(list.queues),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [api]);
  return { queues, failed };
}
