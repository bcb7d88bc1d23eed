import { Hand } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { shortName } from "../ui/names";
import type { HelpRequestView } from "../wire/generated";
import css from "./Dialogs.module.css";
import { HelpDialog } from "./HelpDialog";

export interface HelpChipProps {
  customer: string;
  help: HelpRequestView | undefined;
  onRaise: (reason: string | undefined) => Promise<unknown>;
  onWithdraw: () => void;
}

/** Asks for help; once asked, says so, who looks after it, and how to withdraw. */
export function HelpChip({ customer, help, onRaise, onWithdraw }: HelpChipProps) {
  const { t } = useTranslation("chat");
  const [asking, ask] = useState(false);
  const isOpen = help?.state === "open" || help?.state === "in_progress";
  if (isOpen) {
    return (
      <span className={css["asked"]} title={help.reason}>
        <Hand size={14} aria-hidden="true" />
        <span role="status">{help.taken_by ? t("help.taken", { name: shortName(help.taken_by.name) }) : t("help.asked")}</span>
        <Button size="small" className={css["withdraw"]} onPress={onWithdraw}>{t("help.withdraw")}</Button>
      </span>
    );
  }
  return (
    <>
      <Button size="small" kind="quiet" onPress={() => ask(true)}>
        <Hand size={15} aria-hidden="true" />
        {t("help.ask")}
      </Button>
      <HelpDialog customer={customer} isOpen={asking} onClose={() => ask(false)} onSend={onRaise} />
    </>
  );
}
