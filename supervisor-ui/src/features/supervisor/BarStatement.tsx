import { ArrowLeft, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../hearing/modes";
import { Button } from "../../ui/Button";
import css from "./BarStatement.module.css";
import { KeyButton, PendingTag } from "./panel/Statement";
import { useStatement, useSupervision } from "./supervision/hooks";
import { audible } from "./supervision/plan";

export interface BarStatementProps {
  /** The call of the open panel: its own Back and Stop are there. */
  shownCall: string | null;
  onShow: (call: string) => void;
}

/** Who hears the user, on every page; away from the call's panel with the ways back. */
export function BarStatement({ shownCall, onShow }: BarStatementProps) {
  const { t } = useTranslation("supervisor");
  const supervision = useSupervision();
  const said = useStatement();
  const Icon = MODE_ICONS[said.mode];
  const agent = said.mode === "whisper" ? said.agent : "";
  const pending = said.mode === "lost" ? null : said.pending;
  const call = said.mode === "off" || said.mode === "lost" ? null : said.call;
  return (
    <div className={css["state"]}>
      <span className={css["words"]} role="status">
        <Icon size={18} aria-hidden="true" />
        <span>
          <b>{t(`statement.bar.${said.mode}.mode`)}</b> – {t(`statement.bar.${said.mode}.who`, { agent })}
        </span>
      </span>
      {pending && pending.call !== shownCall && <PendingTag pending={pending} agent={agent} />}
      {call !== null && call !== shownCall && (
        <span className={css["actions"]}>
          {audible(said.mode === "listen" ? "listen" : said.mode === "whisper" ? "whisper" : "barge") && (
            <KeyButton size="small" action="listen" icon={<ArrowLeft size={14} aria-hidden="true" />} label={t("actions.back")} onPress={() => supervision.listen(call)} />
          )}
          <KeyButton size="small" action="stop" icon={<Square size={13} aria-hidden="true" />} label={t("actions.stop")} onPress={() => supervision.stop()} />
          <Button size="small" onPress={() => onShow(call)}>
            {t("actions.show")}
          </Button>
        </span>
      )}
    </div>
  );
}
