import { Paperclip, SendHorizontal, TriangleAlert, X } from "lucide-react";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { catchDrops, isComposing, pastedFiles } from "../text/input";
import { lengthOf } from "../text/unicode";
import { Button, IconButton } from "../ui/Button";
import { FileButton } from "../ui/FileButton";
import css from "./Chat.module.css";
import { type DraftFile, FILE_TYPES, FILES_MAX, sizeOf, TEXT_CHARS_MAX } from "./draft";
import { useChatTools, useDraft } from "./hooks";

/** What is written next. Enter sends, Shift with it begins a line; on a touch screen the button sends. */
export function Composer() {
  const { t } = useTranslation("requester");
  const { conversation, draft } = useChatTools();
  const { text, files, leftOut } = useDraft();
  const over = lengthOf(text.trim()) - TEXT_CHARS_MAX;
  const ready = over > 0 ? null : draft.ready();
  // Who goes away in the middle of a sentence has stopped typing.
  useEffect(() => () => conversation.typed(""), [conversation]);
  useEffect(() => catchDrops((dropped) => draft.add(dropped)), [draft]);

  const write = (next: string) => {
    draft.write(next);
    conversation.typed(next);
  };
  const send = () => {
    if (!ready) return;
    conversation.send(ready.text, ready.attachments);
    draft.clear();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (
      event.key !== "Enter" ||
      event.shiftKey ||
      isComposing(event.nativeEvent) ||
      matchMedia("(pointer: coarse)").matches
    )
      return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = pastedFiles(event.clipboardData);
    if (pasted.length === 0) return;
    event.preventDefault();
    draft.add(pasted);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form className={css["composer"]} onSubmit={onSubmit}>
      {files.length > 0 && (
        <ul className={css["files"]}>
          {files.map((file) => (
            <Waiting key={file.key} file={file} />
          ))}
        </ul>
      )}
      {leftOut.length > 0 && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("filesLeftOut", { count: FILES_MAX, names: leftOut.join(", ") })}
        </p>
      )}
      {over > 0 && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("tooLong", { count: over })}
        </p>
      )}
      <div className={css["row"]}>
        <FileButton
          accept={FILE_TYPES}
          onFiles={(chosen) => draft.add(chosen)}
          aria-label={t("attach")}
          isDisabled={files.length >= FILES_MAX}
        >
          <Paperclip size={18} aria-hidden="true" />
        </FileButton>
        <textarea
          className={css["field"]}
          rows={1}
          aria-label={t("write")}
          placeholder={t("write")}
          value={text}
          dir="auto"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <Button type="submit" kind="primary" isDisabled={!ready} aria-label={t("send")}>
          <SendHorizontal size={18} aria-hidden="true" />
        </Button>
      </div>
    </form>
  );
}

function Waiting({ file: { key, name, bytes, progress, attachment, problem } }: { file: DraftFile }) {
  const { t } = useTranslation("requester");
  const { draft } = useChatTools();
  const said =
    problem === null
      ? null
      : problem === "too_big"
        ? t("fileTooBig")
        : problem === "unreachable"
          ? t("fileUnreachable")
          : problem.said;
  return (
    <li className={css["waiting"]}>
      <span className={css["fileName"]}>{name}</span>
      <span className={css["fileSize"]} role="status">
        {said === null ? (attachment ? sizeOf(bytes) : t("uploading", { percent: Math.floor(progress * 100) })) : ""}
      </span>
      <IconButton aria-label={t("remove", { name })} onPress={() => draft.remove(key)}>
        <X size={16} aria-hidden="true" />
      </IconButton>
      {said !== null && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {said}
        </p>
      )}
    </li>
  );
}
