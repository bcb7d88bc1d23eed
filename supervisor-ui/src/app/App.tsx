import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Api } from "../api/client";
import { ApiError } from "../api/http";
import { SessionProvider } from "../session/session";
import type { User } from "../wire/generated";
import { navigate } from "../browser/address";
import { pageOf, type Route, useRoute } from "./routes";
import { SidePages } from "./sidePages";
import css from "./App.module.css";

const LoginPage = lazy(() => import("../features/login/LoginPage").then((m) => ({ default: m.LoginPage })));
const AgentPage = lazy(() => import("../features/agent/AgentPage").then((m) => ({ default: m.AgentPage })));
const ChatDock = lazy(() => import("../colleagues/ChatDock").then((m) => ({ default: m.ChatDock })));
const SupervisorPage = lazy(() =>
  import("../features/supervisor/SupervisorPage").then((m) => ({ default: m.SupervisorPage })),
);

/** Which page: by path and by who is signed in. */
export function App() {
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
  const signedIn = useCallback((user: User) => queries.setQueryData(["me"], user), [queries]);
  const signedOut = useCallback(() => queries.setQueryData(["me"], null), [queries]);

  if (me.data === undefined) return <Waiting />;
  if (me.data === null)
    return (
      <Suspense fallback={<Waiting />}>
        <LoginPage api={api} onSignedIn={signedIn} />
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
