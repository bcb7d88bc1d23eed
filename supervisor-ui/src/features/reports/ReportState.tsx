import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { REPORT_DAYS_MAX } from "./period";
import css from "./Reports.module.css";

export interface ReportStateProps {
  fits: boolean;
  query: { isPending: boolean; isError: boolean; error: Error | null; refetch: () => Promise<unknown> };
}

/** Why there is no report to see, if there is none. */
export function ReportState({ fits, query }: ReportStateProps) {
  const { t } = useTranslation("reports");
  if (!fits)
    return (
      <p role="alert" className={css["state"]}>
        {t("badPeriod", { days: REPORT_DAYS_MAX })}
      </p>
    );
  if (query.isPending)
    return (
      <p role="status" className={css["state"]}>
        {t("loading")}
      </p>
    );
  if (!query.isError) return null;
  return (
    <p role="alert" className={css["state"]}>
      {t("failed")} {query.error?.message}{" "}
      <Button size="small" onPress={() => void query.refetch()}>
        {t("again")}
      </Button>
    </p>
  );
}
