import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { Button } from "../ui/Button";
import { shortName } from "../ui/names";
import type { ChatView } from "../wire/generated";
import css from "./Dock.module.css";
import { draftOf, keepDraft } from "./windows";

const TEXT_CHARS_MAX = 4000;

/** Where one writes. Enter sends, with Shift it is a new line; so does the button. */
export function ChatField({ chat }: { chat: ChatView }) {
  const { t } = useTranslation("colleagues");
  const { link } = useTextTools();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => draftOf(chat.id));
  const over = [...text].length - TEXT_CHARS_MAX;
  const ready = text.trim() !== "" && over <= 0;
  // A window is opened to write in it.
  useEffect(() => field.current?.focus(), []);
  const write = (next: string) => {
    setText(next);
    keepDraft(chat.id, next);
  };
  const send = () => {
    if (!ready) return;
    link.sendChat(chat.id, text);
    write("");
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className={css["field"]}>
      <textarea
        ref={field}
        rows={2}
        value={text}
        aria-label={t("message", { name: chat.with.name })}
        placeholder={t("placeholder", { name: shortName(chat.with.name) })}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKey}
      />
      <div className={css["foot"]}>
        {over > 0 ? (
          <span role="alert" className={css["over"]}>
            {t("tooLong", { count: over })}
          </span>
        ) : (
          <span className="muted">{t("enter")}</span>
        )}
        <Button size="small" kind="primary" isDisabled={!ready} onPress={send}>
          <SendHorizontal size={14} aria-hidden="true" />
          {t("send")}
        </Button>
      </div>
    </div>
  );
}
