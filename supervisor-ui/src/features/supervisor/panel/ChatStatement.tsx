import { ArrowLeft, Eye, EyeOff, LogOut, Square, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { useLiveStore, useTextTools } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { toast } from "../../../ui/toasts";
import type { ConversationView } from "../../../wire/generated";
import { KeyButton, Tag } from "./Statement";
import css from "./Statement.module.css";
import { noticed, type Pending } from "../supervision/plan";
import { useEnter, useSupervisions, useTextStatement } from "../supervision/hooks";
import type { Statement } from "../supervision/statement";

const LONG_CHARS = 21;

export interface ChatStatementProps {
  view: ConversationView;
  /** Somebody brought the user in by name: staff see that. */
  tagged: boolean;
  canListen: boolean;
}

/** Who sees the user in this conversation, big; what was asked for and is not confirmed yet, beside it. */
export function ChatStatement({ view, tagged, canListen }: ChatStatementProps) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  const enter = useEnter();
  const said = useTextStatement();
  const key = tagged && said.mode !== "lost" ? "tagged" : shown(said, view.id);
  const Icon =
    key === "tagged"
      ? UserPlus
      : key === "lost"
        ? MODE_ICONS.lost
        : key === "off" || key === "elsewhere"
          ? EyeOff
          : MODE_ICONS[key];
  const pending = said.mode === "lost" || said.pending?.at !== view.id ? null : said.pending;
  const customer = "whom" in said ? said.whom : "";
  const who = t(`text.statement.${key}.who`, { customer });
  const here = key === "listen" || key === "whisper" || key === "barge";
  return (
    <section className={classes(css["statement"], css[key === "tagged" ? "whisper" : key], pending && css["waiting"])}>
      <span className={css["disc"]}>
        <Icon size={24} aria-hidden="true" />
      </span>
      <div className={css["words"]}>
        <div className={css["mode"]}>
          {t(`text.statement.${key}.mode`)}
          {pending && <TextPendingTag pending={pending} customer={customer} />}
        </div>
        <div className={css["who"]} data-long={who.length > LONG_CHARS}>
          {who}
        </div>
      </div>
      <div className={css["actions"]}>
        {key === "tagged" && <LeaveButton conversation={view.id} />}
        {here && noticed(key) && (
          <KeyButton
            action="listen"
            icon={<ArrowLeft size={15} aria-hidden="true" />}
            label={t("actions.back")}
            onPress={() => chats.listen(view.id)}
          />
        )}
        {here && (
          <KeyButton
            action="stop"
            icon={<Square size={14} aria-hidden="true" />}
            label={t("actions.stop")}
            onPress={() => chats.stop()}
          />
        )}
        {!here && canListen && !pending && (
          <KeyButton
            action="listen"
            icon={<Eye size={15} aria-hidden="true" />}
            label={t("text.listenIn")}
            onPress={() => enter("chat", view.id)}
          />
        )}
      </div>
    </section>
  );
}

function LeaveButton({ conversation }: { conversation: string }) {
  const { t } = useTranslation("supervisor");
  const { api } = useTextTools();
  const { act } = useLiveStore();
  const leave = async () => {
    await api.leave(conversation);
    // Who oversees the team goes on seeing that it is there.
    const view = await api.conversation(conversation).catch(() => null);
    if (view) act({ type: "answered", conversation: view });
  };
  return (
    <Button onPress={() => void leave().catch((error: Error) => toast(error.message, "refused"))}>
      <LogOut size={15} aria-hidden="true" />
      {t("text.leave")}
    </Button>
  );
}

function shown(said: Statement, conversation: string): Statement["mode"] | "elsewhere" {
  return "at" in said && said.at !== conversation ? "elsewhere" : said.mode;
}

export function TextPendingTag({ pending, customer }: { pending: Pending; customer: string }) {
  const { t } = useTranslation("supervisor");
  return (
    <Tag>
      {pending.kind === "asking"
        ? t(`statement.asked.${pending.mode}`)
        : t(`text.leaving.${pending.from}`, { customer })}
    </Tag>
  );
}
