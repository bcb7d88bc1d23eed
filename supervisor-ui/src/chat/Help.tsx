import { Hand } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Dialog, DialogTitle } from "../ui/Dialog";
import { shortName } from "../ui/names";
import type { HelpRequestView } from "../wire/generated";
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
        <DialogTitle className={css["title"] ?? ""}>{t("help.title")}</DialogTitle>
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

export interface HelpChipProps {
  help: HelpRequestView | undefined;
  /** Opens the dialog. */
  onAsk: () => void;
  onWithdraw: () => void;
}

/** Asks for help; once asked, says so, who looks after it, and how to withdraw. */
export function HelpChip({ help, onAsk, onWithdraw }: HelpChipProps) {
  const { t } = useTranslation("chat");
  if (help?.state === "open" || help?.state === "in_progress") {
    return (
      <span className={css["asked"]} title={help.reason}>
        <Hand size={14} aria-hidden="true" />
        <span role="status">
          {help.taken_by ? t("help.taken", { name: shortName(help.taken_by.name) }) : t("help.asked")}
        </span>
        <Button size="small" className={css["withdraw"]} onPress={onWithdraw}>
          {t("help.withdraw")}
        </Button>
      </span>
    );
  }
  return (
    <Button size="small" kind="quiet" onPress={onAsk}>
      <Hand size={15} aria-hidden="true" />
      {t("help.ask")}
    </Button>
  );
}
