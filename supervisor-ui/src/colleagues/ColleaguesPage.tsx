import { useQuery } from "@tanstack/react-query";
import { Hourglass, MessageSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useText, useTextTools } from "../live/hooks";
import { PlainButton } from "../ui/Button";
import { FilterBar, SearchField } from "../ui/Filters";
import { MenuButton } from "../ui/Menu";
import { PresenceDot } from "../ui/PresenceDot";
import { toast } from "../ui/toasts";
import type { AgentView } from "../wire/generated";
import { chatWith, sorted } from "./tabs";
import { openWindow } from "./windows";
import css from "./Colleagues.module.css";
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
      <FilterBar className={css["filters"]}>
        <SearchField label={t("search")} value={search} onChange={setSearch} />
      </FilterBar>
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

/** One colleague: status dot and word, and a menu that starts a chat. Who wrote and was not read stands out. */
function Colleague({ agent: { user, name, state } }: { agent: AgentView }) {
  const { t } = useTranslation("colleagues");
  const { api } = useTextTools();
  const chat = useText((text) => chatWith(text.chats, user));
  const unread = chat?.unread ?? 0;
  const start = () => {
    api.startChat(user).then(
      ({ id }) => openWindow(id),
      ({ message }: Error) => toast(t("refused", { detail: message }), "refused"),
    );
  };
  return (
    <li className={css["person"]} data-unread={unread > 0 || undefined}>
      <MenuButton
        label={t("actions", { name, state: t(`state.${state}`) })}
        placement="below start"
        entries={[{ id: "chat", label: t(chat ? "open" : "start"), onSelect: start }]}
        trigger={(props) => (
          <PlainButton className={css["name"]} {...props}>
            <PresenceDot state={state === "ringing" ? "active" : state} />
            <span className={css["who"]}>{name}</span>
            <span className={css["state"]}>{t(`state.${state}`)}</span>
            {chat?.pending && chat.own && chat.messages > 0 && (
              <span className={css["mark"]}>
                <Hourglass size={13} aria-hidden="true" />
                {t("pending")}
              </span>
            )}
            {unread > 0 && (
              <span className={css["mark"]}>
                <MessageSquare size={13} aria-hidden="true" />
                {t("unread", { count: unread })}
              </span>
            )}
          </PlainButton>
        )}
      />
    </li>
  );
}
