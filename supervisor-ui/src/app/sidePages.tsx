import { ChartColumn, History, Settings, Users } from "lucide-react";
import { lazy, type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { SidePagesContext, type SidePage } from "../shell/pages";
import type { User } from "../wire/generated";

const AdminPage = lazy(() => import("../features/admin/AdminPage").then((m) => ({ default: m.AdminPage })));
const RecordsPage = lazy(() => import("../features/records/RecordsPage").then((m) => ({ default: m.RecordsPage })));
const HelpReportPage = lazy(() =>
  import("../features/reports/HelpReportPage").then((m) => ({ default: m.HelpReportPage })),
);
const ColleaguesPage = lazy(() => import("../colleagues/ColleaguesPage").then((m) => ({ default: m.ColleaguesPage })));

/** Gives the pages below the side pages of who is signed in. */
export function SidePages({ user, children }: { user: User; children: ReactNode }) {
  const { t } = useTranslation();
  const pages = useMemo(
    () => [...(user.role === "agent" ? ofAgents(t) : ofSupervisors(t, user)), ...ofAdministrators(t, user)],
    [t, user],
  );
  return <SidePagesContext value={pages}>{children}</SidePagesContext>;
}

function ofAgents(t: (key: string) => string): SidePage[] {
  return [
    { href: "/agent/agents", label: t("pages.agents"), icon: Users, content: <ColleaguesPage /> },
    {
      href: "/agent/history",
      label: t("pages.history"),
      icon: History,
      content: <RecordsPage base="/agent/history" />,
    },
  ];
}

/** An administrator without a team has no records to look at. */
function ofSupervisors(t: (key: string) => string, user: User): SidePage[] {
  const supervises = user.permissions.includes("view_contact_center_dashboard");
  const records: SidePage = {
    href: "/supervisor/records",
    label: t("pages.history"),
    icon: History,
    content: <RecordsPage base="/supervisor/records" />,
  };
  return [
    ...(supervises ? [records] : []),
    { href: "/supervisor/agents", label: t("pages.agents"), icon: Users, content: <ColleaguesPage /> },
    { href: "/supervisor/reports", label: t("pages.reports"), icon: ChartColumn, content: <HelpReportPage /> },
  ];
}

/** The right decides it, whatever the role. */
function ofAdministrators(t: (key: string) => string, user: User): SidePage[] {
  if (!user.permissions.includes("administer")) return [];
  return [{ href: "/admin", label: t("pages.admin"), icon: Settings, atEnd: true, content: <AdminPage /> }];
}
