import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, Headset, Phone, TriangleAlert, UserPlus, Users } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { Button } from "../ui/Button";
import { Dialog, DialogTitle } from "../ui/Dialog";
import { shortName } from "../ui/names";
import { PresenceDot } from "../ui/PresenceDot";
import { moveFocus } from "../ui/roving";
import { toast } from "../ui/toasts";
import type { Destination } from "../wire/generated";
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
      <DialogTitle className={css["title"]}>{t(`handover.${kind}Title`)}</DialogTitle>
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
  const destinations: Destination[] = [
    ...queues.map(({ queue }) => ({ queue })),
    ...agents.map(({ user }) => ({ agent: user })),
  ];
  const choice = { chosen, first: destinations[0] && keyOf(destinations[0]), onChoose };
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
      <div role="listbox" aria-label={t("handover.search")} className={css["list"]} onKeyDown={moveFocus}>
        {queues.length + agents.length === 0 && <p className={css["empty"]}>{empty}</p>}
        {queues.length > 0 && (
          <div role="group" aria-labelledby="handover-queues">
            <p className={css["head"]} id="handover-queues">
              {t("handover.queues")}
            </p>
            {queues.map((queue) => (
              <Row key={queue.queue} to={{ queue: queue.queue }} name={queue.name} {...choice}>
                <Users size={16} aria-hidden="true" />
                <span className={css["name"]}>{queue.name}</span>
                <span className={css["about"]}>
                  {queue.available > 0 ? t("handover.available", { count: queue.available }) : t("handover.nobody")}
                </span>
              </Row>
            ))}
          </div>
        )}
        {agents.length > 0 && (
          <div role="group" aria-labelledby="handover-agents">
            <p className={css["head"]} id="handover-agents">
              {t("handover.agents")}
            </p>
            {agents.map(({ user, name, state }) => (
              <Row key={user} to={{ agent: user }} name={name} {...choice}>
                <Headset size={16} aria-hidden="true" />
                <span className={css["name"]}>{name}</span>
                <span className={css["about"]}>
                  <PresenceDot state={state} />
                  {t(`handover.state.${state}`)}
                </span>
              </Row>
            ))}
          </div>
        )}
      </div>
    </>
  );
}

interface RowProps {
  to: Destination;
  name: string;
  chosen: Chosen | null;
  /** The row that the Tab key leads to, while none is chosen. */
  first: string | undefined;
  onChoose: (chosen: Chosen) => void;
  children: ReactNode;
}

/** One destination; its name is what a letter finds, and what is said of it comes after. */
function Row({ to, name, chosen, first, onChoose, children }: RowProps) {
  const key = keyOf(to);
  const isChosen = chosen !== null && keyOf(chosen.to) === key;
  return (
    <button
      type="button"
      role="option"
      className={css["row"]}
      aria-selected={isChosen}
      tabIndex={isChosen || (chosen === null && first === key) ? 0 : -1}
      onClick={() => onChoose({ to, name })}
    >
      {children}
    </button>
  );
}

function keyOf(to: Destination): string {
  return "queue" in to ? `queue ${to.queue}` : `agent ${to.agent}`;
}
