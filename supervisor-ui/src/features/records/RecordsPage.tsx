import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecordFilter } from "../../api/records";
import { navigate, usePath } from "../../browser/address";
import { useLive } from "../../live/hooks";
import { useQueueChoices } from "../../session/queues";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { CheckField, ChoiceField, DayField, FilterBar, SearchField } from "../../ui/Filters";
import { saveFile } from "../../ui/save";
import { fileTime } from "../../ui/time";
import { toast } from "../../ui/toasts";
import { allCodes, codeName } from "../../ui/wrapUp";
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
        <Filters filter={filter} onFilter={setFilter} />
        <RecordList filter={filter} open={open} onOpen={(id) => navigate(`${base}/${id}`)} />
      </section>
      {open !== null && <RecordPanel key={open} id={open} onClose={() => navigate(base)} />}
    </div>
  );
}

const KINDS: readonly InteractionKind[] = ["call", "conversation"];

export interface FiltersProps {
  filter: RecordFilter;
  onFilter: (filter: RecordFilter) => void;
}

/** What the list is narrowed to. A day counts whole, on the reader's clock. */
function Filters({ filter, onFilter }: FiltersProps) {
  const { t } = useTranslation("records");
  return (
    <FilterBar role="search" className={css["filters"]}>
      <SearchField
        label={t("search")}
        maxLength={200}
        value={filter.search}
        onChange={(search) => onFilter({ ...filter, search })}
      />
      <ChoiceField
        label={t("kind")}
        every={t("kinds.all")}
        options={KINDS.map((id) => ({ id, name: t(`kinds.${id}`) }))}
        value={filter.kind}
        onChange={(kind) => onFilter({ ...filter, kind })}
      />
      <DayField label={t("from")} bound="from" value={filter.from} onChange={(from) => onFilter({ ...filter, from })} />
      <DayField
        label={t("until")}
        bound="until"
        value={filter.until}
        onChange={(until) => onFilter({ ...filter, until })}
      />
      <Narrowings filter={filter} onFilter={onFilter} />
      {isFiltered(filter) && (
        <Button kind="quiet" onPress={() => onFilter(NO_FILTER)}>
          {t("clear")}
        </Button>
      )}
      <Export filter={filter} />
    </FilterBar>
  );
}

/** By queue, by code, by agent, and by whether somebody supervised: of the latter two only supervisors know. */
function Narrowings({ filter, onFilter }: FiltersProps) {
  const { t } = useTranslation("records");
  const { user } = useSession();
  const known = useLive((state) => state.agents);
  const codes = allCodes(useQueueChoices());
  const supervises = user.permissions.includes("monitor_live_calls");
  const agents = useMemo(
    () =>
      [...known.values()].map(({ user: id, name }) => ({ id, name })).toSorted((a, b) => a.name.localeCompare(b.name)),
    [known],
  );
  return (
    <>
      {user.queues.length > 1 && (
        <ChoiceField
          label={t("queue")}
          every={t("allQueues")}
          options={user.queues}
          value={filter.queue}
          onChange={(queue) => onFilter({ ...filter, queue })}
        />
      )}
      <ChoiceField
        label={t("code")}
        every={t("allCodes")}
        options={codes.map((id) => ({ id, name: codeName(t, id) }))}
        value={filter.code}
        onChange={(code) => onFilter({ ...filter, code })}
      />
      {supervises && (
        <>
          <ChoiceField
            label={t("agent")}
            every={t("allAgents")}
            options={agents}
            value={filter.agent}
            onChange={(agent) => onFilter({ ...filter, agent })}
          />
          <CheckField
            label={t("supervised")}
            value={filter.supervised}
            onChange={(supervised) => onFilter({ ...filter, supervised })}
          />
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
