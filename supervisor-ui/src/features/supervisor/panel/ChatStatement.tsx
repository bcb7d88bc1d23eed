import { Eye, EyeOff, LogOut, type LucideIcon, UserPlus } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { useLiveStore, useTextTools } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { toast } from "../../../ui/toasts";
import type { ConversationView } from "../../../wire/generated";
import { ModeButtons, pendingAt, shown, StatementBlock, Tag } from "./Statement";
import type { Pending } from "../supervision/plan";
import { useEnter, useSupervisions, useTextStatement } from "../supervision/hooks";
import type { Statement } from "../supervision/statement";

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
  const pending = pendingAt(said, view.id);
  const customer = "whom" in said ? said.whom : "";
  const there = key === "elsewhere" && said.mode === "elsewhere" ? said.there : null;
  const told = key === "elsewhere" ? "off" : key;
  return (
    <StatementBlock
      tone={there ?? (told === "tagged" ? "whisper" : told)}
      icon={iconOf(there ?? told)}
      mode={there ? t(`text.there.${there}`) : t(`text.statement.${told}.mode`)}
      who={t(`text.statement.${there ?? told}.who`, { customer })}
      tag={pending && <TextPendingTag pending={pending} customer={customer} />}
    >
      {key === "tagged" && <LeaveButton conversation={view.id} />}
      <ModeButtons
        mode={key}
        onBack={() => chats.listen(view.id)}
        onStop={() => chats.stop()}
        {...(canListen && !pending && { onListen: () => enter("chat", view.id) })}
        listen={{ icon: Eye, label: t("text.listenIn") }}
      />
    </StatementBlock>
  );
}

/** Mode and sentence about a conversation, for the bar. */
export function textWords(t: TFunction<"supervisor">, said: Exclude<Statement, { mode: "lost" }>): [string, string] {
  const customer = said.mode === "off" ? "" : said.whom;
  const mode = said.mode === "elsewhere" ? said.there : said.mode;
  const what = said.mode === "elsewhere" ? t(`text.there.${said.there}`) : t(`text.bar.${said.mode}.mode`);
  return [what, t(`text.bar.${mode}.who`, { customer })];
}

function iconOf(key: Statement["mode"] | "otherCall" | "tagged"): LucideIcon {
  if (key === "tagged") return UserPlus;
  return key === "off" || key === "otherCall" || key === "elsewhere" ? EyeOff : MODE_ICONS[key];
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
