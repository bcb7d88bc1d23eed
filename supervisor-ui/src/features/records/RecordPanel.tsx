import { Download, MessageSquare, Phone, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { API_ROOT } from "../../api/http";
import { MessageBubble } from "../../chat/Bubbles";
import { ContactsLine } from "../../contacts/Contacts";
import { useSession } from "../../session/session";
import { Button, IconButton } from "../../ui/Button";
import { MenuButton } from "../../ui/Menu";
import { clock } from "../../ui/names";
import { saveFile } from "../../ui/save";
import { toast } from "../../ui/toasts";
import type { InteractionDetail, InteractionView } from "../../wire/generated";
import { Notes } from "./Notes";
import { Sound } from "./Sound";
import { Timeline } from "./Timeline";
import { useMessages, useQueueName, useRecord, useTranscripts } from "./hooks";
import { lengthOf } from "./lines";
import { fileTime, longDateTime } from "../../ui/time";
import css from "./Records.module.css";

/** One record, beside the list. */
export function RecordPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("records");
  const record = useRecord(id);
  const heading = useRef<HTMLHeadingElement>(null);
  const name = record.data?.interaction.requester.name;
  // Whoever opened it by keyboard reads on here.
  useEffect(() => {
    if (name !== undefined) heading.current?.focus();
  }, [name]);
  return (
    <aside
      className={css["panel"]}
      aria-label={t("record", { name: name ?? "" })}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header className={css["head"]}>
        {record.data && <Head detail={record.data} headingRef={heading} />}
        <IconButton aria-label={t("close")} className={css["close"]} onPress={onClose}>
          <X size={18} aria-hidden="true" />
        </IconButton>
      </header>
      {record.isPending && (
        <p className={css["state"]} role="status">
          {t("loading")}
        </p>
      )}
      {record.isError && (
        <p className={css["state"]} role="alert">
          {t("failed")} {record.error.message}{" "}
          <Button size="small" onPress={() => void record.refetch()}>
            {t("again")}
          </Button>
        </p>
      )}
      {record.data && <ContactsLine key={id} interaction={id} />}
      {record.data && <Body detail={record.data} />}
    </aside>
  );
}

function Head({ detail, headingRef }: { detail: InteractionDetail; headingRef: React.Ref<HTMLHeadingElement> }) {
  const { t } = useTranslation("records");
  const { kind, requester, queue, opened_at, ended_at, id } = detail.interaction;
  const queueName = useQueueName(queue);
  const Icon = kind === "call" ? Phone : MessageSquare;
  return (
    <>
      <span className={css["disc"]}>
        <Icon size={18} aria-hidden="true" />
      </span>
      <span className={css["who"]}>
        <h2 ref={headingRef} tabIndex={-1}>
          {requester.name}
        </h2>
        <span className="muted">{[t(kind === "call" ? "call" : "chat"), queueName].filter(Boolean).join(" · ")}</span>
      </span>
      {kind === "conversation" && ended_at !== undefined && <TranscriptMenu id={id} openedAt={opened_at} />}
    </>
  );
}

function Body({ detail }: { detail: InteractionDetail }) {
  const { kind, id } = detail.interaction;
  return (
    <div className={css["body"]}>
      <Facts interaction={detail.interaction} />
      {kind === "conversation" && <Messages detail={detail} />}
      <Timeline id={id} />
      {detail.sound && <Sound id={id} parties={detail.sound} />}
      <Notes id={id} queue={detail.interaction.queue} notes={detail.notes} />
    </div>
  );
}

/** What is known of the interaction as a whole. */
function Facts({ interaction }: { interaction: InteractionView }) {
  const { t } = useTranslation("records");
  const { opened_at, answered_at, agents, channel, subject, end_reason } = interaction;
  const length = lengthOf(interaction);
  const facts: [string, string | undefined][] = [
    ["opened", longDateTime(opened_at)],
    ["channel", t(`channel.${channel}`, { defaultValue: channel })],
    ["subject", subject],
    ["agents", agents.map(({ name }) => name).join(", ") || t("unanswered")],
    ["answered", answered_at === undefined ? undefined : clock(answered_at - opened_at)],
    ["length", length === null ? undefined : clock(length)],
    [
      "end",
      interaction.ended_at === undefined
        ? t("running")
        : end_reason && t(`end.${end_reason}`, { defaultValue: end_reason }),
    ],
  ];
  return (
    <dl className={css["facts"]}>
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{t(`facts.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** What was written. Private messages stand on yellow, as they did. */
function Messages({ detail: { interaction, messages } }: { detail: InteractionDetail }) {
  const { t } = useTranslation("records");
  const { user } = useSession();
  const { all, hasOlder, loadOlder, loading } = useMessages(interaction.id, messages);
  const attachmentHref = ({ id }: { id: string }) => `${API_ROOT}/conversations/${interaction.id}/attachments/${id}`;
  const none = interaction.ended_at === undefined ? "listenIn" : "noMessages";
  return (
    <section className={css["section"]} aria-labelledby={`${interaction.id}-messages`}>
      <h3 id={`${interaction.id}-messages`}>{t("messages")}</h3>
      {hasOlder && (
        <Button size="small" onPress={loadOlder} isDisabled={loading}>
          {t("older")}
        </Button>
      )}
      {all.length === 0 && <p className="muted">{t(none)}</p>}
      <ol className={css["messages"]}>
        {all.map((message) => (
          <li key={message.number}>
            <MessageBubble
              message={message}
              own={message.author.user === user.id}
              out={message.part !== "requester"}
              delivery={null}
              attachmentHref={attachmentHref}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

const KINDS = ["external", "internal"] as const;
const FORMATS = ["text", "json"] as const;

/** Fetches one of the two transcripts, as text or JSON. */
function TranscriptMenu({ id, openedAt }: { id: string; openedAt: number }) {
  const { t } = useTranslation("records");
  const transcripts = useTranscripts();
  const fetchOne = (kind: (typeof KINDS)[number], format: (typeof FORMATS)[number]) => {
    const name = `transcript-${kind}-${fileTime(openedAt)}.${format === "text" ? "txt" : "json"}`;
    transcripts.mutate(
      { id, kind, format },
      {
        onSuccess: (content) => saveFile(name, content),
        onError: ({ message }) => toast(t("noTranscript", { detail: message }), "refused"),
      },
    );
  };
  return (
    <MenuButton
      label={t("transcript")}
      entries={KINDS.flatMap((kind) =>
        FORMATS.map((format) => ({
          id: kind + format,
          label: t(`transcripts.${kind}${format}`),
          onSelect: () => fetchOne(kind, format),
        })),
      )}
      trigger={(props) => (
        <Button size="small" {...props}>
          <Download size={15} aria-hidden="true" />
          {t("transcript")}
        </Button>
      )}
    />
  );
}
