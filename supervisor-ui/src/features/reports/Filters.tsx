import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/records";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { dayOf, dayStart } from "../../ui/names";
import { saveFile } from "../../ui/save";
import { toast } from "../../ui/toasts";
import css from "./Reports.module.css";

export interface FiltersProps {
  title: string;
  filter: ReportFilter;
  onFilter: (filter: ReportFilter) => void;
  /** The period is one that can be asked for. */
  fits: boolean;
  /** What is shown, as a file of this name. */
  csv: (filter: ReportFilter) => Promise<Blob>;
  csvName: string;
  /** More to choose, before the file. */
  children?: ReactNode;
}

/** Heading, what the report looks at, and what can be done with it. */
export function Filters({ title, filter, onFilter, fits, csv: fetch, csvName, children }: FiltersProps) {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  const ids = useId();
  const csv = useMutation({ mutationFn: fetch });
  const save = () =>
    csv.mutate(filter, {
      onSuccess: (content) => saveFile(`${csvName}.csv`, content),
      onError: ({ message }) => toast(t("refused", { detail: message }), "refused"),
    });
  return (
    <header className={css["filters"]}>
      <h2>{title}</h2>
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
        {children}
        <Button onPress={save} isDisabled={!fits || csv.isPending}>
          <Download size={15} aria-hidden="true" />
          {t("csv")}
        </Button>
      </span>
    </header>
  );
}
