import { ArrowLeftRight, Phone, TriangleAlert, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { shortName } from "../ui/names";
import { toast } from "../ui/toasts";
import type { Destination } from "../wire/generated";
import { type Chosen, Destinations } from "./Destinations";
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
