import { Hand } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { useLiveStore } from "../../live/hooks";
import { useTicking } from "../../shell/useNow";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { clock, shortName } from "../../ui/names";
import type { HelpView } from "../../wire/generated";
import css from "./Help.module.css";
import { useDesk, useDeskView } from "./hooks";

const REASON_CHARS_MAX = 500;

/** Raises the hand, with a reason if the agent likes. */
export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const desk = useDesk();
  const { pending } = useDeskView();
  const [reason, setReason] = useState("");
  const send = async (event: FormEvent) => {
    event.preventDefault();
    await desk.askForHelp(reason);
    setReason("");
    onClose();
  };
  return (
    <Dialog isOpen={isOpen} onClose={onClose}>
      <form className={css["form"]} onSubmit={(event) => void send(event)}>
        <Heading slot="title" className={css["title"] ?? ""}>{t("help.title")}</Heading>
        <p className="muted">{t("help.body")}</p>
        <label>
          {t("help.reason")}
          <textarea rows={3} maxLength={REASON_CHARS_MAX} autoFocus value={reason} placeholder={t("help.placeholder")} onChange={(event) => setReason(event.target.value)} />
        </label>
        <div className={css["actions"]}>
          <Button kind="quiet" onPress={onClose}>{common("cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={pending === "help"}>
            <Hand size={16} aria-hidden="true" />
            {t("help.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The open request: since when, and who has taken it up. */
export function HelpRow({ help }: { help: HelpView }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const store = useLiveStore();
  const age = useTicking(() => clock(store.serverNow() - help.requested_at));
  return (
    <section className={css["row"]} aria-label={t("help.asked")}>
      <Hand size={16} aria-hidden="true" />
      <div>
        <p role="status">{help.taken_by ? t("help.taken", { name: shortName(help.taken_by.name) }) : t("help.asked")}</p>
        {help.reason && <p className={css["reason"]}>“{help.reason}”</p>}
      </div>
      <span>{age}</span>
      <Button size="small" className={css["withdraw"]} onPress={() => void desk.withdrawHelp()}>{t("help.withdraw")}</Button>
    </section>
  );
}
