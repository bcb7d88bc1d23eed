import { Download, Search } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecordFilter } from "../../api/records";
import { navigate, usePath } from "../../browser/address";
import { useLive } from "../../live/hooks";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { dayOf, dayStart } from "../../ui/names";
import { saveFile } from "../../ui/save";
import { fileTime } from "../../ui/time";
import { toast } from "../../ui/toasts";
import type { InteractionKind } from "../../wire/generated";
import { RecordList } from "./RecordList";
import { RecordPanel } from "./RecordPanel";
import { useRecordsCsv } from "./hooks";
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
      <Narrowings filter={filter} onFilter={onFilter} />
      {isFiltered(filter) && (
        <Button kind="quiet" onPress={() => onFilter(NO_FILTER)}>
          {t("clear")}
        </Button>
      )}
      <Export filter={filter} />
    </form>
  );
}

/** By queue, by agent, and by whether somebody supervised: of the latter two only supervisors know. */
function Narrowings({ filter, onFilter }: FilterBarProps) {
  const { t } = useTranslation("records");
  const { user } = useSession();
  const known = useLive((state) => state.agents);
  const supervises = user.permissions.includes("monitor_live_calls");
  const agents = useMemo(() => [...known.values()].toSorted((a, b) => a.name.localeCompare(b.name)), [known]);
  return (
    <>
      {user.queues.length > 1 && (
        <select
          className={css["field"]}
          aria-label={t("queue")}
          value={filter.queue}
          onChange={(event) => onFilter({ ...filter, queue: event.target.value })}
        >
          <option value="">{t("allQueues")}</option>
          {user.queues.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      {supervises && (
        <>
          <select
            className={css["field"]}
            aria-label={t("agent")}
            value={filter.agent}
            onChange={(event) => onFilter({ ...filter, agent: event.target.value })}
          >
            <option value="">{t("allAgents")}</option>
            {agents.map(({ user: id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <label className={css["date"]}>
            <input
              type="checkbox"
              checked={filter.supervised}
              onChange={(event) => onFilter({ ...filter, supervised: event.target.checked })}
            />
            {t("supervised")}
          </label>
        </>
      )}
    </>
  );
}

/** All that the filters find, as a table. */
function Export({ filter }: { filter: RecordFilter }) {
  const { t } = useTranslation("records");
  const csv = useRecordsCsv();
  const save = () =>
    csv.mutate(filter, {
      onSuccess: (content) => saveFile(`interactions-${fileTime(Date.now())}.csv`, content),
      onError: ({ message }) => toast(t("noCsv", { detail: message }), "refused"),
    });
  return (
    <Button onPress={save} isDisabled={csv.isPending}>
      <Download size={15} aria-hidden="true" />
      {t("csv")}
    </Button>
  );
}
