import { MessageSquare, Phone, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "../../ui/Button";
import type { InteractionDetail } from "../../wire/generated";
import { Facts } from "./Facts";
import { useQueueName, useRecord } from "./hooks";
import { Messages } from "./Messages";
import { Notes } from "./Notes";
import css from "./Records.module.css";
import { Timeline } from "./Timeline";
import { TranscriptMenu } from "./TranscriptMenu";

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
      {record.data && <Body detail={record.data} />}
    </aside>
  );
}

function Head({ detail, headingRef }: { detail: InteractionDetail; headingRef: React.Ref<HTMLHeadingElement> }) {
  const { t } = useTranslation("records");
  const { kind, requester, queue, ended_at, id } = detail.interaction;
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
      {kind === "conversation" && ended_at !== undefined && <TranscriptMenu id={id} />}
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
      <Notes id={id} notes={detail.notes} />
    </div>
  );
}
