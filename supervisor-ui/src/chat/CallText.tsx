import { CornerDownLeft, EyeOff, Lock } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useText, useTextTools } from "../live/hooks";
import { besideCall, conversationOf } from "../live/text/select";
import { Button } from "../ui/Button";
import { toast } from "../ui/toasts";
import type { CallView } from "../wire/generated";
import css from "./CallText.module.css";
import { CallLog } from "./CallLog";
import { helpCommand } from "./commands";
import { drafts, useDraft } from "../live/text/drafts";
import "./words";

/** The field, for whoever leads to it from elsewhere on the page. */
export const CALL_TEXT_FIELD = "call-text";

export interface CallTextProps {
  call: CallView;
  me: string;
  /** The one to whom it goes; absent: the staff of the call. */
  to?: string;
  /** `/help why` was typed; absent: nobody here asks for help. */
  onHelp?: (reason: string | undefined) => void;
}

/** Private text beside a call. It is for staff alone, so there is no other tab that one could be in by mistake. */
export function CallText({ call, me, to, onHelp }: CallTextProps) {
  const { t } = useTranslation("chat");
  const { link } = useTextTools();
  const id = useBeside(call);
  const thread = id ?? "";
  const view = useText((state) => (id === null ? undefined : conversationOf(state, id)));
  const draft = useDraft(thread, "private");
  const canWrite = view !== undefined && view.may.write_private;
  const send = (event: FormEvent) => {
    event.preventDefault();
    const command = helpCommand(draft.text);
    if (!canWrite || draft.text.trim() === "") return;
    if (command && onHelp) onHelp(command.reason);
    else link.send(thread, { text: draft.text.trim(), visibility: "private", attachments: [] });
    drafts.clear(thread, "private");
  };
  return (
    <section className={css["panel"]} aria-label={t("call.label")}>
      <header className={css["head"]}>
        <Lock size={14} aria-hidden="true" />
        <span className={css["title"]}>{t("call.title")}</span>
        <span className={css["only"]}>
          <EyeOff size={14} aria-hidden="true" />
          {t("only")}
        </span>
      </header>
      <CallLog conversation={id} me={me} />
      <form className={css["pink"]} onSubmit={send}>
        <Lock size={14} aria-hidden="true" />
        <input
          id={CALL_TEXT_FIELD}
          value={draft.text}
          maxLength={4000}
          disabled={!canWrite}
          aria-label={t("call.fieldLabel")}
          placeholder={to ? t("call.placeholder", { name: to }) : t("composer.toStaff")}
          onChange={(event) => drafts.set(thread, "private", { text: event.target.value })}
          onKeyDown={composing}
        />
        <Button
          type="submit"
          size="small"
          kind="primary"
          className={css["send"]}
          isDisabled={!canWrite || draft.text.trim() === ""}
        >
          {t("call.send")}
          <CornerDownLeft size={13} aria-hidden="true" />
        </Button>
      </form>
    </section>
  );
}

/** The Enter that ends an input method's composition sends nothing. */
function composing(event: KeyboardEvent): void {
  if (event.key === "Enter" && (event.nativeEvent.isComposing || event.keyCode === 229)) event.preventDefault();
}

/** The conversation beside the call, opened when it is not there yet. */
function useBeside(call: CallView): string | null {
  const { api } = useTextTools();
  const known = useText((state) => besideCall(state, call.id)?.id ?? null);
  const answered = call.state === "active";
  useEffect(() => {
    if (known !== null || !answered) return;
    // The event brings it; only a refusal has to be told here.
    api.beside(call.id).catch((error: Error) => toast(error.message, "refused"));
  }, [api, call.id, known, answered]);
  return known;
}
