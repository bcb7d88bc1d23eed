import { Hand } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { shortName } from "../ui/names";
import css from "./Dialogs.module.css";
import "./words";

const REASON_CHARS_MAX = 500;

export interface HelpDialogProps {
  /** Who notices nothing. */
  customer: string;
  isOpen: boolean;
  onClose: () => void;
  onSend: (reason: string | undefined) => Promise<unknown>;
}

/** Raises the hand, with a reason if the agent likes. */
export function HelpDialog({ customer, isOpen, onClose, onSend }: HelpDialogProps) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    await onSend(reason.trim() || undefined).finally(() => setBusy(false));
    setReason("");
    onClose();
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <form className={css["form"]} onSubmit={(event) => void send(event)}>
        <Heading slot="title" className={css["title"] ?? ""}>
          {t("help.title")}
        </Heading>
        <p className="muted">{t("help.body", { name: shortName(customer) })}</p>
        <label className={css["label"]}>
          {t("help.reason")}
          <textarea
            rows={3}
            maxLength={REASON_CHARS_MAX}
            autoFocus
            value={reason}
            placeholder={t("help.placeholder")}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <div className={css["actions"]}>
          <Button kind="quiet" onPress={onClose}>
            {common("cancel")}
          </Button>
          <Button kind="primary" type="submit" isDisabled={busy}>
            <Hand size={16} aria-hidden="true" />
            {t("help.ask")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
