import { Lock, SendHorizontal } from "lucide-react";
import { type ClipboardEvent, type DragEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { dragsFiles, pastedFiles } from "../text/input";
import { lengthOf } from "../text/unicode";
import { Button } from "../ui/Button";
import type { ConversationView, Visibility } from "../wire/generated";
import { Chips, Tools } from "./Tools";
import css from "./Composer.module.css";
import { drafts, isEmpty, useDraft } from "../live/text/drafts";
import { Suggestions } from "./Suggestions";
import { useAttach, useField } from "./useField";
import { useUploads } from "./uploads";

const TEXT_CHARS_MAX = 4000;

export interface FieldProps {
  view: ConversationView;
  tab: Visibility;
  label: string;
  placeholder: string;
  canAskForHelp: boolean;
  onSend: () => void;
}

/** Where a message is written. Typing in public is told to the other side; typing in private to nobody. */
export function Field({ view, tab, label, placeholder, canAskForHelp, onSend }: FieldProps) {
  const { t } = useTranslation("chat");
  const { link } = useTextTools();
  const draft = useDraft(view.id, tab);
  const uploading = useUploads(view.id, tab);
  const area = useRef<HTMLTextAreaElement>(null);
  const attach = useAttach(view.id, tab);
  const over = lengthOf(draft.text) - TEXT_CHARS_MAX;
  const canSend = !isEmpty(draft) && over <= 0 && uploading.every(({ failed }) => failed !== null);
  const send = () => canSend && onSend();
  const field = useField({ view, area, text: draft.text, canAskForHelp, onText: write, onEnter: send });
  useEffect(() => () => link.typing.stop(), [link]);

  function write(text: string) {
    drafts.set(view.id, tab, { text });
    if (tab === "public" && text.trim() !== "" && !/^[/／]/.test(text)) link.typing.typed(view.id);
    else link.typing.stop();
  }
  const paste = (event: ClipboardEvent) => {
    const files = pastedFiles(event.clipboardData);
    if (files.length > 0) event.preventDefault();
    attach.add(files);
  };
  const drop = (event: DragEvent) => {
    // Text that is dropped is the field's own.
    if (!dragsFiles(event.dataTransfer)) return;
    event.preventDefault();
    attach.add(event.dataTransfer.files);
  };
  return (
    <div
      className={css["field"]}
      onDragOver={(event) => dragsFiles(event.dataTransfer) && event.preventDefault()}
      onDrop={drop}
    >
      {field.asked && <Suggestions {...field} label={t(`list.${field.asked.kind}`)} />}
      <textarea
        data-visibility={tab}
        ref={area}
        rows={2}
        value={draft.text}
        aria-label={label}
        placeholder={placeholder}
        onPaste={paste}
        {...field.events}
        aria-haspopup="listbox"
        aria-autocomplete="list"
        aria-controls={field.asked ? field.listId : undefined}
        aria-activedescendant={field.activeId}
      />
      <Chips thread={view.id} tab={tab} attachments={draft.attachments} uploading={uploading} />
      <div className={css["foot"]}>
        <Tools tab={tab} queue={view.queue} onFiles={attach.add} onPut={field.put} onReply={field.putReply} />
        <span className={css["right"]}>
          {over > 0 ? (
            <span className={css["over"]} role="alert">
              {t("composer.tooLong", { count: over })}
            </span>
          ) : (
            <span>{t(tab === "private" ? "composer.noTyping" : "composer.enter")}</span>
          )}
          <Button kind="primary" size="small" className={css["send"]} isDisabled={!canSend} onPress={send}>
            {tab === "private" ? (
              <Lock size={14} aria-hidden="true" />
            ) : (
              <SendHorizontal size={14} aria-hidden="true" />
            )}
            {t(tab === "private" ? "composer.sendPrivately" : "composer.send")}
          </Button>
        </span>
      </div>
    </div>
  );
}
