import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/records";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { ChoiceField, DayField, FilterBar, FilterEnd } from "../../ui/Filters";
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
  const csv = useMutation({ mutationFn: fetch });
  const save = () =>
    csv.mutate(filter, {
      onSuccess: (content) => saveFile(`${csvName}.csv`, content),
      onError: ({ message }) => toast(t("refused", { detail: message }), "refused"),
    });
  return (
    <FilterBar className={css["filters"]}>
      <h2>{title}</h2>
      <DayField
        label={t("from")}
        bound="from"
        required
        value={filter.from}
        onChange={(from) => from !== null && onFilter({ ...filter, from })}
      />
      <DayField
        label={t("until")}
        bound="until"
        required
        value={filter.until}
        onChange={(until) => until !== null && onFilter({ ...filter, until })}
      />
      <ChoiceField
        label={t("team")}
        every={t("allTeams")}
        options={user.teams}
        value={filter.team}
        onChange={(team) => onFilter({ ...filter, team })}
      />
      <ChoiceField
        label={t("queue")}
        every={t("allQueues")}
        options={user.queues}
        value={filter.queue}
        onChange={(queue) => onFilter({ ...filter, queue })}
      />
      <FilterEnd>
        {children}
        <Button onPress={save} isDisabled={!fits || csv.isPending}>
          <Download size={15} aria-hidden="true" />
          {t("csv")}
        </Button>
      </FilterEnd>
    </FilterBar>
  );
}
