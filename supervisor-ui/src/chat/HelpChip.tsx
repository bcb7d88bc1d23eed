import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { shortName } from "../ui/names";
import type { HelpRequestView } from "../wire/generated";
import css from "./Dialogs.module.css";
import "./words";

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
