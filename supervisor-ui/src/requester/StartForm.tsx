import { ChevronDown, Clock, TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FormApi } from "../api/form";
import { session } from "../browser/storage";
import { openingTime } from "../ui/time";
import type { GuestQueue, QueueList } from "../wire/generated";
import { showBrand, useBrand } from "./brand";
import css from "../ui/GuestPage.module.css";
import "./startWords";

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
  onStart: (name: string, queue: GuestQueue) => void;
}

/** The form with which one comes in to call or to write: who it is, and what about. */
export function StartForm({ start, lead, noQueues, problem, fields, children, onStart }: StartFormProps) {
  const { t } = useTranslation("start");
  const { name, queue, queues, failed } = start;
  const brand = useBrand();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.go(onStart);
  };
  return (
    <form className={css["card"]} onSubmit={submit}>
      <div>
        <h1>{t("title")}</h1>
        <p className={css["lead"]}>{lead}</p>
      </div>
      <label className={css["field"]}>
        {t("name")}
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
        {t("queue")}
        <span className={css["select"]}>
          <select
            name="queue"
            required
            value={queue?.id ?? ""}
            disabled={!queue}
            onChange={(event) => start.choose(event.target.value)}
          >
            {queues?.map(({ id, name: label, closed }) => (
              <option key={id} value={id}>
                {closed ? t("closedQueue", { name: label }) : label}
              </option>
            ))}
          </select>
          <ChevronDown size={18} aria-hidden="true" />
        </span>
      </label>
      {fields}
      <div role="status">{queue?.closed && <Closed opensAt={queue.closed.opens_at} more={brand.closed_message} />}</div>
      <div className={css["problem"]} role="alert">
        {problem && <Trouble text={problem} />}
        {failed && <Trouble text={t("queuesFailed")} />}
        {queues?.length === 0 && <Trouble text={noQueues} />}
      </div>
      {brand.privacy_url.startsWith("https://") && (
        <p className={css["privacy"]}>
          <a href={brand.privacy_url} target="_blank" rel="noopener noreferrer">
            {t("privacy")}
          </a>
        </p>
      )}
      {children}
    </form>
  );
}

/** Nobody is taken at this time: when it opens, on the reader's clock. */
function Closed({ opensAt, more }: { opensAt: number | undefined; more: string }) {
  const { t } = useTranslation("start");
  return (
    <div className={css["closed"]}>
      <Clock size={18} aria-hidden="true" />
      <div>
        <p>{opensAt === undefined ? t("closed") : t("closedUntil", { when: openingTime(opensAt) })}</p>
        {more && <p>{more}</p>}
      </div>
    </div>
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
  readonly queues: readonly GuestQueue[] | null;
  /** The queues could not be loaded. */
  readonly failed: boolean;
  /** The chosen one, or else the first that is open. */
  readonly queue: GuestQueue | undefined;
  /** The chosen one takes somebody at this time. */
  readonly isOpen: boolean;
  choose(queue: string): void;
  /** For the next page or load of this tab. */
  rememberName(): void;
  /** Looks again which queues are open. */
  lookAgain(): void;
  /** Goes on, unless something is missing. */
  go(then: (name: string, queue: GuestQueue) => void): void;
}

/** The address may have filled it in. `api` has to stay the same. */
export function useStart(api: Pick<FormApi, "queues">): Start {
  const { queues, failed, lookAgain } = useQueues(api);
  const [given] = useState(() => new URLSearchParams(location.search));
  const [name, setName] = useState(() => given.get("name") ?? session.get(NAME) ?? "");
  const [chosen, choose] = useState(given.get("queue"));
  const queue = queues?.find(({ id }) => id === chosen) ?? queues?.find(({ closed }) => !closed) ?? queues?.[0];
  const isOpen = queue !== undefined && !queue.closed;
  const rememberName = () => session.set(NAME, name.trim());
  const go = (then: (name: string, queue: GuestQueue) => void) => {
    if (!queue || !isOpen || !name.trim()) return;
    rememberName();
    then(name.trim(), queue);
  };
  return { name, setName, queues, failed, queue, isOpen, choose, rememberName, lookAgain, go };
}

/** So long a browser's timer can wait, ms. */
const WAIT_MAX_MS = 2 ** 31 - 1;

function useQueues(api: Pick<FormApi, "queues">): Pick<Start, "queues" | "failed" | "lookAgain"> {
  const [queues, setQueues] = useState<readonly GuestQueue[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [looks, setLooks] = useState(0);
  const lookAgain = useCallback(() => setLooks((before) => before + 1), []);
  useEffect(() => {
    let wanted = true;
    const show = ({ queues: list, brand }: QueueList) => {
      showBrand(brand);
      if (!wanted) return;
      setQueues(list);
      setFailed(false);
    };
    // What was seen before stays.
    api.queues().then(show, () => wanted && setFailed(looks === 0));
    return () => {
      wanted = false;
    };
  }, [api, looks]);
  const next = Math.min(...(queues ?? []).map(({ closed }) => closed?.opens_at ?? Number.POSITIVE_INFINITY));
  useEffect(() => {
    if (next === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(lookAgain, Math.min(Math.max(next - Date.now(), 0) + 1000, WAIT_MAX_MS));
    return () => clearTimeout(timer);
  }, [next, looks, lookAgain]);
  return { queues, failed, lookAgain };
}
