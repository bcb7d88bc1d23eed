import { useQuery } from "@tanstack/react-query";
import { MessageSquare, Phone } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { RecordsApi } from "../api/records";
import { useLive } from "../live/hooks";
import { Button } from "../ui/Button";
import { Link } from "../ui/Link";
import { dateTime } from "../ui/time";
import { codeName } from "../ui/wrapUp";
import type { CustomerContacts, InteractionView } from "../wire/generated";
import css from "./Contacts.module.css";
import "./words";

/** What goes on is looked at again after that. */
const FRESH_MS = 15_000;

const api = new RecordsApi();

export interface ContactsProps {
  /** The call or conversation that is open. */
  interaction: string;
}

/** The customer's other contacts, as a card. Says why there are none. */
export function Contacts({ interaction }: ContactsProps) {
  const { t } = useTranslation("contacts");
  const id = useId();
  const { data, isError, refetch } = useContacts(interaction);
  return (
    <section className={css["card"]} aria-labelledby={id}>
      <h2 id={id}>{t("title")}</h2>
      {isError && <Failed onAgain={() => void refetch()} />}
      {data && <p className="muted">{t(saidOf(data))}</p>}
      {data && <List contacts={data.contacts} />}
    </section>
  );
}

/** The same where there is little room: one line, and nothing if there is nothing. */
export function ContactsLine({ interaction }: ContactsProps) {
  const { t } = useTranslation("contacts");
  const { data } = useContacts(interaction);
  if (!data || data.contacts.length === 0) return null;
  return (
    <details className={css["line"]}>
      <summary>{t("count", { count: data.contacts.length })}</summary>
      <p className="muted">{t(saidOf(data))}</p>
      <List contacts={data.contacts} />
    </details>
  );
}

function useContacts(interaction: string) {
  return useQuery({
    queryKey: ["contacts", interaction],
    queryFn: () => api.contacts(interaction),
    refetchInterval: FRESH_MS,
  });
}

/** By what they were found, or why none were. */
function saidOf({ known_by, contacts }: CustomerContacts): string {
  if (known_by === undefined) return "nobody";
  return contacts.length === 0 ? "none" : `by.${known_by}`;
}

function Failed({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation("contacts");
  return (
    <p role="alert">
      {t("failed")}{" "}
      <Button size="small" onPress={onAgain}>
        {t("common:again")}
      </Button>
    </p>
  );
}

function List({ contacts }: { contacts: readonly InteractionView[] }) {
  return (
    <ul className={css["list"]}>
      {contacts.map((contact) => (
        <Contact key={contact.id} contact={contact} />
      ))}
    </ul>
  );
}

/** One contact: when, with whom, what about, and what came of it. It leads to the record. */
function Contact({ contact }: { contact: InteractionView }) {
  const { t } = useTranslation("contacts");
  const me = useLive((state) => state.me);
  const base = me?.role === "agent" ? "/agent/history" : "/supervisor/records";
  const queue = me?.queues.find(({ id }) => id === contact.queue)?.name ?? contact.queue;
  const agents = contact.agents.map(({ name }) => name).join(", ");
  const Icon = contact.kind === "call" ? Phone : MessageSquare;
  const codes = contact.codes.map((code) => codeName(t, code)).join(", ");
  const cameOf = contact.ended_at === undefined ? t("running") : agents === "" ? t("unanswered") : codes;
  const about = [contact.subject, agents, queue].filter(Boolean).join(" · ");
  return (
    <li data-running={contact.ended_at === undefined || undefined}>
      <Link href={`${base}/${contact.id}`}>
        <Icon size={14} role="img" aria-label={t(`kind.${contact.kind}`)} />
        <time dateTime={new Date(contact.opened_at).toISOString()}>{dateTime(contact.opened_at)}</time>
        <bdi className={css["about"]}>{about}</bdi>
        <span className={css["cameOf"]}>{cameOf}</span>
      </Link>
    </li>
  );
}
