import { useTranslation } from "react-i18next";
import { usePath } from "../../browser/address";
import { useSession } from "../../session/session";
import { Views } from "../../ui/Views";
import { CallReportPage } from "./CallReportPage";
import { HelpReportPage } from "./HelpReportPage";
import { SupervisionReportPage } from "./SupervisionReportPage";
import css from "./Reports.module.css";
import "./words";

const BASE = "/supervisor/reports";

type Report = "help" | "calls" | "supervision";

/** The reports, one beside the other. Without bar and rail. */
export function ReportsPage() {
  const { t } = useTranslation("reports");
  const { user } = useSession();
  const may = (permission: (typeof user.permissions)[number]) => user.permissions.includes(permission);
  const counts = may("administer") || (may("view_contact_center_dashboard") && may("monitor_live_calls"));
  const reports: Report[] = [
    ...(counts ? (["help", "calls"] as const) : []),
    ...(may("read_audit") ? (["supervision"] as const) : []),
  ];
  const path = usePath();
  const open = reports.find((report) => path === pathOf(report)) ?? reports[0];
  return (
    <div className={css["page"]}>
      <Views
        label={t("nav")}
        views={reports.map((report) => ({ name: t(`tabs.${report}`), href: pathOf(report) }))}
        open={open && pathOf(open)}
      />
      {open === "help" && <HelpReportPage />}
      {open === "calls" && <CallReportPage />}
      {open === "supervision" && <SupervisionReportPage />}
      {open === undefined && <p role="status">{t("nothing")}</p>}
    </div>
  );
}

function pathOf(report: Report): string {
  return report === "help" ? BASE : `${BASE}/${report}`;
}
