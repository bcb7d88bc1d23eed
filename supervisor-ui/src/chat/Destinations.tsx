import { useQuery } from "@tanstack/react-query";
import { Headset, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Header, ListBox, ListBoxItem, ListBoxSection } from "react-aria-components";
import { useTextTools } from "../live/hooks";
import type { AgentDestination, Destination, DestinationList, QueueDestination } from "../wire/generated";
import { matching } from "./commands";
import css from "./Dialogs.module.css";

/** Who is ready changes all the time. */
const REFRESH_MS = 5000;

export interface Chosen {
  readonly to: Destination;
  readonly name: string;
}

export interface DestinationsProps {
  without: readonly string[];
  chosen: Chosen | null;
  onChoose: (chosen: Chosen | null) => void;
}

/** The queues with how many could take it, and the agents with what they are. */
export function Destinations({ without, chosen, onChoose }: DestinationsProps) {
  const { t } = useTranslation("chat");
  const { api } = useTextTools();
  const [search, setSearch] = useState("");
  const { data, error } = useQuery({
    queryKey: ["destinations"],
    queryFn: () => api.destinations(),
    refetchInterval: REFRESH_MS,
    retry: 1,
  });
  const queues = matching(data?.queues ?? [], search, ({ name }) => name);
  const agents = matching(
    (data?.agents ?? []).filter(({ user }) => !without.includes(user)),
    search,
    ({ name }) => name,
  );
  const empty = error
    ? t("handover.unreachable", { detail: error.message })
    : t(data ? "handover.none" : "handover.loading");
  return (
    <>
      <input
        className={css["search"]}
        type="search"
        autoFocus
        value={search}
        aria-label={t("handover.search")}
        placeholder={t("handover.search")}
        onChange={(event) => setSearch(event.target.value)}
      />
      <ListBox
        aria-label={t("handover.search")}
        className={css["list"] ?? ""}
        selectionMode="single"
        escapeKeyBehavior="none"
        selectedKeys={chosen ? [keyOf(chosen.to)] : []}
        onSelectionChange={(keys) => keys !== "all" && onChoose(chosenOf([...keys][0], data))}
        renderEmptyState={() => <p className={css["empty"]}>{empty}</p>}
      >
        {queues.length > 0 && (
          <ListBoxSection id="queues">
            <Header className={css["head"] ?? ""}>{t("handover.queues")}</Header>
            {queues.map((queue) => (
              <QueueRow key={queue.queue} queue={queue} />
            ))}
          </ListBoxSection>
        )}
        {agents.length > 0 && (
          <ListBoxSection id="agents">
            <Header className={css["head"] ?? ""}>{t("handover.agents")}</Header>
            {agents.map((agent) => (
              <AgentRow key={agent.user} agent={agent} />
            ))}
          </ListBoxSection>
        )}
      </ListBox>
    </>
  );
}

function QueueRow({ queue: { queue, name, available } }: { queue: QueueDestination }) {
  const { t } = useTranslation("chat");
  return (
    <ListBoxItem id={keyOf({ queue })} textValue={name} className={css["row"] ?? ""}>
      <Users size={16} aria-hidden="true" />
      <span className={css["name"]}>{name}</span>
      <span className={css["about"]}>
        {available > 0 ? t("handover.available", { count: available }) : t("handover.nobody")}
      </span>
    </ListBoxItem>
  );
}

function AgentRow({ agent: { user, name, state } }: { agent: AgentDestination }) {
  const { t } = useTranslation("chat");
  return (
    <ListBoxItem id={keyOf({ agent: user })} textValue={name} className={css["row"] ?? ""}>
      <Headset size={16} aria-hidden="true" />
      <span className={css["name"]}>{name}</span>
      <span className={css["about"]}>
        <span className={css["dot"]} data-state={state} aria-hidden="true" />
        {t(`handover.state.${state}`)}
      </span>
    </ListBoxItem>
  );
}

function keyOf(to: Destination): string {
  return "queue" in to ? `queue ${to.queue}` : `agent ${to.agent}`;
}

function chosenOf(key: string | number | undefined, data: DestinationList | undefined): Chosen | null {
  const queue = data?.queues.find((known) => keyOf({ queue: known.queue }) === key);
  if (queue) return { to: { queue: queue.queue }, name: queue.name };
  const agent = data?.agents.find((known) => keyOf({ agent: known.user }) === key);
  return agent ? { to: { agent: agent.user }, name: agent.name } : null;
}
