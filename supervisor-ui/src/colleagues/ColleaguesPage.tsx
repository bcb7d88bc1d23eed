import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useText, useTextTools } from "../live/hooks";
import type { AgentView } from "../wire/generated";
import { Colleague } from "./Colleague";
import css from "./Colleagues.module.css";
import { sorted } from "./tabs";
import "./words";

/** What everybody is changes all the time. */
const REFRESH_MS = 3000;

/** The people whom one may write to, with what they are now. Without bar and rail. */
export function ColleaguesPage() {
  const { t } = useTranslation("colleagues");
  const { api } = useTextTools();
  const chats = useText((state) => state.chats);
  const [search, setSearch] = useState("");
  const { data, error } = useQuery({ queryKey: ["agents"], queryFn: () => api.agents(), refetchInterval: REFRESH_MS });
  const wanted = search.trim().toLocaleLowerCase();
  const matching = (data ?? []).filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const groups: [string, AgentView[]][] = [
    [
      "agents",
      sorted(
        matching.filter(({ supervisor }) => !supervisor),
        chats,
      ),
    ],
    [
      "supervisors",
      sorted(
        matching.filter(({ supervisor }) => supervisor),
        chats,
      ),
    ],
  ];
  return (
    <section className={css["page"]} aria-label={t("list")}>
      <label className={css["search"]}>
        <Search size={15} aria-hidden="true" />
        <span className="vh">{t("search")}</span>
        <input
          type="search"
          placeholder={t("search")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      <div className={css["groups"]}>
        {groups.map(
          ([group, people]) =>
            people.length > 0 && (
              <section key={group} className={css["group"]} aria-labelledby={`colleagues-${group}`}>
                <h2 id={`colleagues-${group}`}>
                  {t(group)} <span className="muted">{people.length}</span>
                </h2>
                <ul>
                  {people.map((agent) => (
                    <Colleague key={agent.user} agent={agent} />
                  ))}
                </ul>
              </section>
            ),
        )}
        {!data && !error && (
          <p role="status" className="muted">
            {t("loading")}
          </p>
        )}
        {error && <p role="alert">{t("failed", { detail: error.message })}</p>}
        {data && matching.length === 0 && (
          <p role="status" className="muted">
            {t("none")}
          </p>
        )}
      </div>
    </section>
  );
}
