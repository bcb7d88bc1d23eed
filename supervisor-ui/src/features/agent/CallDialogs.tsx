import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import dialogs from "../../chat/Dialogs.module.css";
import { type Handover, HandoverDialog } from "../../chat/HandoverDialog";
import { HelpDialog } from "../../chat/Help";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { Dialog, DialogTitle } from "../../ui/Dialog";
import { toast } from "../../ui/toasts";
import type { CallView } from "../../wire/generated";
import { useDesk, useDeskTools, useDeskView } from "./desk/hooks";

const NOTE_CHARS_MAX = 4000;

/** What the keys of the call open. */
export function CallDialogs({ call }: { call: CallView }) {
  const desk = useDesk();
  const { dialog } = useDeskView();
  const { api } = useSession();
  const close = () => desk.open(null);
  const customer = call.caller.name;
  const here = call.legs.map(({ user }) => user);
  const handOver = (kind: "transfer" | "conference", { to, note, consult }: Handover) => {
    const body = { to, ...(note !== undefined && { note }) };
    return kind === "transfer" ? api.transfer(call.id, { ...body, consult }) : api.confer(call.id, body);
  };
  return (
    <>
      <HelpDialog
        customer={customer}
        isOpen={dialog === "help"}
        onClose={close}
        onSend={(reason) => desk.askForHelp(reason ?? "")}
      />
      <HandoverDialog
        kind="transfer"
        of="call"
        customer={customer}
        without={here}
        isOpen={dialog === "transfer"}
        onClose={close}
        onRequest={(handover) => handOver("transfer", handover)}
      />
      <HandoverDialog
        kind="conference"
        of="call"
        customer={customer}
        without={here}
        isOpen={dialog === "conference"}
        onClose={close}
        onRequest={(handover) => handOver("conference", handover)}
      />
      <NoteDialog interaction={call.id} customer={customer} isOpen={dialog === "note"} onClose={close} />
    </>
  );
}

interface NoteDialogProps {
  interaction: string;
  customer: string;
  isOpen: boolean;
  onClose: () => void;
}

/** A note on the interaction's record, for staff. */
function NoteDialog({ interaction, customer, isOpen, onClose }: NoteDialogProps) {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const { notes } = useDeskTools();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const keep = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      toast(t((await notes.add(interaction, text.trim())) === "saved" ? "note.kept" : "note.waits"));
      setText("");
      onClose();
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "refused");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <form className={dialogs["form"]} onSubmit={(event) => void keep(event)}>
        <DialogTitle className={dialogs["title"] ?? ""}>{t("note.title", { name: customer })}</DialogTitle>
        <label className={dialogs["label"]}>
          {t("note.label")}
          <textarea
            rows={5}
            maxLength={NOTE_CHARS_MAX}
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <div className={dialogs["actions"]}>
          <Button kind="quiet" onPress={onClose}>
            {common("cancel")}
          </Button>
          <Button kind="primary" type="submit" isDisabled={busy || text.trim() === ""}>
            {t("note.keep")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
