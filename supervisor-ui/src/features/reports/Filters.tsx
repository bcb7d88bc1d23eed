import { ChartColumn, Download, Table2 } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/records";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { dayOf, dayStart } from "../../ui/names";
import { saveFile } from "../../ui/save";
import { toast } from "../../ui/toasts";
import { useHelpCsv } from "./hooks";
import css from "./Reports.module.css";

export interface FiltersProps {
  filter: ReportFilter;
  onFilter: (filter: ReportFilter) => void;
  asTable: boolean;
  onAsTable: (asTable: boolean) => void;
  /** The period is one that can be asked for. */
  fits: boolean;
}

/** Heading, what the report looks at, and what can be done with it. */
export function Filters({ filter, onFilter, asTable, onAsTable, fits }: FiltersProps) {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  const ids = useId();
  const csv = useHelpCsv();
  const save = () =>
    csv.mutate(filter, {
      onSuccess: (content) => saveFile(`${t("csvName")}.csv`, content),
      onError: ({ message }) => toast(t("refused", { detail: message }), "refused"),
    });
  const Icon = asTable ? ChartColumn : Table2;
  return (
    <header className={css["filters"]}>
      <h2>{t("title")}</h2>
      <label htmlFor={`${ids}from`}>
        {t("from")}
        <input
          id={`${ids}from`}
          className={css["field"]}
          type="date"
          required
          value={dayOf(filter.from)}
          onChange={(event) => {
            const from = dayStart(event.target.value);
            if (from !== null) onFilter({ ...filter, from });
          }}
        />
      </label>
      <label htmlFor={`${ids}until`}>
        {t("until")}
        <input
          id={`${ids}until`}
          className={css["field"]}
          type="date"
          required
          value={dayOf(filter.until - 1)}
          onChange={(event) => {
            const until = dayStart(event.target.value, 1);
            if (until !== null) onFilter({ ...filter, until });
          }}
        />
      </label>
      <select
        className={css["field"]}
        aria-label={t("team")}
        value={filter.team}
        onChange={(event) => onFilter({ ...filter, team: event.target.value })}
      >
        <option value="">{t("allTeams")}</option>
        {user.teams.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
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
      <span className={css["right"]}>
        <Button onPress={() => onAsTable(!asTable)}>
          <Icon size={15} aria-hidden="true" />
          {t(asTable ? "asChart" : "asTable")}
        </Button>
        <Button onPress={save} isDisabled={!fits || csv.isPending}>
          <Download size={15} aria-hidden="true" />
          {t("csv")}
        </Button>
      </span>
    </header>
  );
}
