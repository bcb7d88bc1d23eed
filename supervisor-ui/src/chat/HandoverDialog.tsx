import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, Headset, Phone, TriangleAlert, UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { Header, Heading, ListBox, ListBoxItem, ListBoxSection } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { shortName } from "../ui/names";
import { PresenceDot } from "../ui/PresenceDot";
import { toast } from "../ui/toasts";
import type { AgentDestination, Destination, DestinationList, QueueDestination } from "../wire/generated";
import { matching } from "./commands";
import css from "./Dialogs.module.css";
import "./words";

const NOTE_CHARS_MAX = 500;

/** What was chosen. */
export interface Handover {
  readonly to: Destination;
  readonly note: string | undefined;
  /** Talk with the receiver first. */
  readonly consult: boolean;
}

export interface HandoverDialogProps {
  kind: "transfer" | "conference";
  of: "call" | "conversation";
  customer: string;
  /** User ids that can't be chosen: who is in it already. */
  without: readonly string[];
  isOpen: boolean;
  onClose: () => void;
  /** Asks the server; rejects with its words. */
  onRequest: (handover: Handover) => Promise<unknown>;
}

/** Hands a call or a conversation over, or asks somebody in: to a queue or straight to an agent. */
export function HandoverDialog(props: HandoverDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ kind, of, customer, without, onClose, onRequest }: HandoverDialogProps) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const [chosen, choose] = useState<Chosen | null>(null);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const name = shortName(customer);
  const request = async (consult: boolean) => {
    if (!chosen) return;
    setBusy(true);
    setRefused(null);
    try {
      await onRequest({ to: chosen.to, note: note.trim() || undefined, consult });
      toast(
        consult
          ? t("handover.consulting", { to: chosen.name, name })
          : t(kind === "transfer" ? "handover.placed" : "handover.conferencePlaced"),
      );
      onClose();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  const about = kind === "conference" ? "conferenceBody" : of === "call" ? "transferCall" : "transferChat";
  return (
    <div className={css["form"]}>
      <Heading slot="title" className={css["title"] ?? ""}>
        {t(`handover.${kind}Title`)}
      </Heading>
      <p className="muted">{t(`handover.${about}`, { name })}</p>
      <Destinations without={without} chosen={chosen} onChoose={choose} />
      <label className={css["label"]}>
        {t("handover.note")}
        <textarea rows={2} maxLength={NOTE_CHARS_MAX} value={note} onChange={(event) => setNote(event.target.value)} />
      </label>
      {refused && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={16} aria-hidden="true" />
          {refused}
        </p>
      )}
      <div className={css["actions"]}>
        <Button kind="quiet" onPress={onClose}>
          {common("cancel")}
        </Button>
        {kind === "transfer" && of === "call" && (
          <Button isDisabled={!chosen || busy} onPress={() => void request(true)}>
            <Phone size={16} aria-hidden="true" />
            {t("handover.consult")}
          </Button>
        )}
        <Button kind="primary" isDisabled={!chosen || busy} onPress={() => void request(false)}>
          {kind === "transfer" ? (
            <ArrowLeftRight size={16} aria-hidden="true" />
          ) : (
            <UserPlus size={16} aria-hidden="true" />
          )}
          {t(kind === "transfer" ? "handover.transfer" : "handover.ask")}
        </Button>
      </div>
    </div>
  );
}

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
function Destinations({ without, chosen, onChoose }: DestinationsProps) {
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
        <PresenceDot state={state} />
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
