import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChartColumn, History, LayoutGrid, Settings, Users } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Api } from "../api/client";
import { ApiError } from "../api/http";
import { navigate } from "../browser/address";
import { tellSignIn } from "../browser/signIns";
import { gaveWay, SessionProvider } from "../session/session";
import { catchDrops } from "../text/input";
import { type SidePage, SidePagesContext } from "../shell/Rail";
import { Toasts } from "../ui/Toasts";
import { toast } from "../ui/toasts";
import type { User } from "../wire/generated";
import { pageOf, type Route, useRoute } from "./routes";
import css from "./App.module.css";
import "../styles/modes.css";

const queries = new QueryClient();

/** The pages of those who work here. */
export function Staff() {
  // A file that misses the field it was meant for must not take the place of the page.
  useEffect(() => catchDrops(), []);
  return (
    <QueryClientProvider client={queries}>
      <App />
      <Toasts />
    </QueryClientProvider>
  );
}

const LoginPage = lazy(() => import("../features/login/LoginPage").then((m) => ({ default: m.LoginPage })));
const AgentPage = lazy(() => import("../features/agent/AgentPage").then((m) => ({ default: m.AgentPage })));
const ChatDock = lazy(() => import("../colleagues/ChatDock").then((m) => ({ default: m.ChatDock })));
const SupervisorPage = lazy(() =>
  import("../features/supervisor/SupervisorPage").then((m) => ({ default: m.SupervisorPage })),
);

/** Which page: by path and by who is signed in. */
function App() {
  const route = useRoute();
  const api = useMemo(() => new Api(), []);
  const queries = useQueryClient();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: () => whoAmI(api),
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
    retryDelay: (n) => Math.min(5000, 250 * 2 ** n),
  });
  const target = me.data === undefined ? null : redirect(route, me.data);
  useEffect(() => {
    if (target) navigate(target, "replace");
  }, [target]);
  const [expired, setExpired] = useState(false);
  const { t } = useTranslation();
  const name = me.data?.name;
  useEffect(() => {
    const before = name === undefined ? null : gaveWay();
    if (before !== null) toast(t("gaveWay", { before, name }), "refused");
  }, [name, t]);
  const signedIn = useCallback(
    (user: User) => {
      tellSignIn(user.id);
      queries.setQueryData(["me"], user);
    },
    [queries],
  );
  const signedOut = useCallback(
    (why: "wish" | "ended") => {
      setExpired(why === "ended");
      queries.setQueryData(["me"], null);
    },
    [queries],
  );

  if (me.data === undefined) return <Waiting />;
  if (me.data === null)
    return (
      <Suspense fallback={<Waiting />}>
        <LoginPage api={api} expired={expired} onSignedIn={signedIn} />
      </Suspense>
    );
  // What is mounted depends on who is here, not on the path: a redirect must not end what goes on.
  const isAgent = me.data.role === "agent";
  return (
    <SessionProvider key={me.data.id} api={api} user={me.data} onEnd={signedOut} keepsSpeaking={isAgent}>
      <Suspense fallback={<Waiting />}>
        <div className={css["frame"]}>
          <div className={css["content"]}>
            <SidePages user={me.data}>{isAgent ? <AgentPage /> : <SupervisorPage />}</SidePages>
          </div>
          <ChatDock />
        </div>
      </Suspense>
    </SessionProvider>
  );
}

/** Nobody is `null`, and so is a guest, who has no place here; a server that does not answer is an error. */
async function whoAmI(api: Api): Promise<User | null> {
  try {
    const user = await api.me();
    return user.role === "caller" ? null : user;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Where somebody who is here belongs, if elsewhere. */
function redirect(route: Route, user: User | null): string | null {
  if (user === null) return route === "login" ? null : "/login";
  if (route === "admin" && administers(user)) return null;
  const page = pageOf(user.role);
  return route === page ? null : `/${page}`;
}

/** Whether the administrator's page is for this user. */
function administers(user: User): boolean {
  return user.permissions.includes("administer");
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <p className={css["waiting"]} role="status">
      {t("loading")}
    </p>
  );
}

const AdminPage = lazy(() => import("../features/admin/AdminPage").then((m) => ({ default: m.AdminPage })));
const RecordsPage = lazy(() => import("../features/records/RecordsPage").then((m) => ({ default: m.RecordsPage })));
const ReportsPage = lazy(() => import("../features/reports/ReportsPage").then((m) => ({ default: m.ReportsPage })));
const BoardPage = lazy(() => import("../features/supervisor/board/BoardPage").then((m) => ({ default: m.BoardPage })));
const SettingsPage = lazy(() => import("../features/settings/SettingsPage").then((m) => ({ default: m.SettingsPage })));
const ColleaguesPage = lazy(() => import("../colleagues/ColleaguesPage").then((m) => ({ default: m.ColleaguesPage })));

/** Gives the pages below the side pages of who is signed in. */
function SidePages({ user, children }: { user: User; children: ReactNode }) {
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
    ownSettings(t, "/agent/settings", <SettingsPage />),
  ];
}

function ownSettings(t: (key: string) => string, href: string, content: ReactNode): SidePage {
  return { href, label: t("pages.settings"), icon: Settings, inAccountMenu: true, content };
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
  const board: SidePage = {
    href: "/supervisor/board",
    label: t("pages.board"),
    icon: LayoutGrid,
    content: <BoardPage />,
  };
  return [
    ...(supervises ? [board, records] : []),
    { href: "/supervisor/agents", label: t("pages.agents"), icon: Users, content: <ColleaguesPage /> },
    { href: "/supervisor/reports", label: t("pages.reports"), icon: ChartColumn, content: <ReportsPage /> },
    ownSettings(t, "/supervisor/settings", <SettingsPage notifies />),
  ];
}

/** The right decides it, whatever the role. */
function ofAdministrators(t: (key: string) => string, user: User): SidePage[] {
  if (!user.permissions.includes("administer")) return [];
  return [{ href: "/admin", label: t("pages.admin"), icon: Settings, atEnd: true, content: <AdminPage /> }];
}
