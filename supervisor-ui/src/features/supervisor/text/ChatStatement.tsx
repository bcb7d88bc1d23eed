import { ArrowLeft, Eye, EyeOff, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { classes } from "../../../ui/classes";
import type { ConversationView } from "../../../wire/generated";
import { KeyButton, Tag } from "../panel/Statement";
import css from "../panel/Statement.module.css";
import { audible, type Pending } from "../supervision/plan";
import { useTextStatement, useTextSupervisions } from "./hooks";
import type { TextStatement } from "./statement";
import { useEnter } from "./useEnter";

const LONG_CHARS = 21;

/** Who sees the user in this conversation, big; what was asked for and is not confirmed yet, beside it. */
export function ChatStatement({ view, canListen }: { view: ConversationView; canListen: boolean }) {
  const { t } = useTranslation("supervisor");
  const { chats } = useTextSupervisions();
  const enter = useEnter();
  const said = useTextStatement();
  const key = shown(said, view.id);
  const Icon = key === "lost" ? MODE_ICONS.lost : key === "off" || key === "elsewhere" ? EyeOff : MODE_ICONS[key];
  const pending = said.mode === "lost" || said.pending?.call !== view.id ? null : said.pending;
  const customer = "customer" in said ? said.customer : "";
  const who = t(`text.statement.${key}.who`, { customer });
  const here = key === "listen" || key === "whisper" || key === "barge";
  return (
    <section className={classes(css["statement"], css[key], pending && css["waiting"])}>
      <span className={css["disc"]}><Icon size={24} aria-hidden="true" /></span>
      <div className={css["words"]}>
        <div className={css["mode"]}>
          {t(`text.statement.${key}.mode`)}
          {pending && <TextPendingTag pending={pending} customer={customer} />}
        </div>
        <div className={css["who"]} data-long={who.length > LONG_CHARS}>{who}</div>
      </div>
      <div className={css["actions"]}>
        {here && audible(key) && <KeyButton action="listen" icon={<ArrowLeft size={15} aria-hidden="true" />} label={t("actions.back")} onPress={() => chats.listen(view.id)} />}
        {here && <KeyButton action="stop" icon={<Square size={14} aria-hidden="true" />} label={t("actions.stop")} onPress={() => chats.stop()} />}
        {!here && canListen && !pending && <KeyButton action="listen" icon={<Eye size={15} aria-hidden="true" />} label={t("text.listenIn")} onPress={() => enter("chat", view.id)} />}
      </div>
    </section>
  );
}

function shown(said: TextStatement, conversation: string): TextStatement["mode"] | "elsewhere" {
  return "conversation" in said && said.conversation !== conversation ? "elsewhere" : said.mode;
}

export function TextPendingTag({ pending, customer }: { pending: Pending; customer: string }) {
  const { t } = useTranslation("supervisor");
  return <Tag>{pending.kind === "asking" ? t(`statement.asked.${pending.mode}`) : t(`text.leaving.${pending.from}`, { customer })}</Tag>;
}
