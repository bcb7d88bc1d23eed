import { AtSign, FileText, Image, MessageSquareText, Paperclip, Smile, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { language } from "../i18n";
import { drafts } from "../live/text/drafts";
import { IconButton } from "../ui/Button";
import { FileButton } from "../ui/FileButton";
import { Popup } from "../ui/Popup";
import { classes } from "../ui/classes";
import type { AttachmentView, Visibility } from "../wire/generated";
import { EMOJIS } from "./emojis";
import { useReplies } from "./items";
import { FILE_TYPES, type Uploading, uploads, withoutAttachment } from "./uploads";
import css from "./Composer.module.css";

export interface ToolsProps {
  tab: Visibility;
  /** Whose canned replies there are, besides those for all. */
  queue: string | undefined;
  onFiles: (files: readonly File[]) => void;
  /** Puts characters in at the caret. */
  onPut: (characters: string) => void;
  /** Puts a whole reply in at the caret. */
  onReply: (text: string) => void;
}

/** Attach, emoji, tag, replies. */
export function Tools({ tab, queue, onFiles, onPut, onReply }: ToolsProps) {
  const { t } = useTranslation("chat");
  return (
    <>
      <FileButton
        className={css["tool"]}
        accept={FILE_TYPES.split(",")}
        onFiles={onFiles}
        aria-label={t(tab === "private" ? "composer.attachPrivately" : "composer.attach")}
      >
        <Paperclip size={16} aria-hidden="true" />
      </FileButton>
      <EmojiButton onPut={onPut} />
      <IconButton className={css["tool"]} aria-label={t("composer.tag")} onPress={() => onPut("@")}>
        <AtSign size={16} aria-hidden="true" />
      </IconButton>
      <RepliesButton queue={queue} onReply={onReply} />
    </>
  );
}

function EmojiButton({ onPut }: { onPut: (characters: string) => void }) {
  const { t } = useTranslation("chat");
  const label = t("composer.emoji");
  return (
    <Popup
      label={label}
      role="dialog"
      placement="above start"
      trigger={(props) => (
        <IconButton className={css["tool"]} aria-label={label} {...props}>
          <Smile size={16} aria-hidden="true" />
        </IconButton>
      )}
    >
      {(close) => (
        <div role="listbox" aria-label={label} className={css["emojis"]}>
          {EMOJIS.map((emoji) => (
            <button
              key={emoji.sign}
              type="button"
              role="option"
              aria-selected={false}
              aria-label={emoji[language()]}
              tabIndex={-1}
              className={css["emoji"]}
              onClick={() => {
                close();
                onPut(emoji.sign);
              }}
            >
              {emoji.sign}
            </button>
          ))}
        </div>
      )}
    </Popup>
  );
}

export interface RepliesButtonProps {
  queue: string | undefined;
  onReply: (text: string) => void;
}

/** Opens the canned replies, whatever is written already. One that is chosen lands in the draft, never on its way. */
function RepliesButton({ queue, onReply }: RepliesButtonProps) {
  const { t } = useTranslation("chat");
  const label = t("composer.replies");
  return (
    <Popup
      label={label}
      role="dialog"
      placement="above start"
      className={css["replies"]}
      trigger={(props) => (
        <IconButton className={css["tool"]} aria-label={label} {...props}>
          <MessageSquareText size={16} aria-hidden="true" />
        </IconButton>
      )}
    >
      {(close) => (
        <List
          queue={queue}
          onChoose={(text) => {
            close();
            onReply(text);
          }}
        />
      )}
    </Popup>
  );
}

/** Mounted when it is opened, so that it is looked up whether there are others by now. */
function List({ queue, onChoose }: { queue: string | undefined; onChoose: (text: string) => void }) {
  const { t } = useTranslation("chat");
  const replies = useReplies(queue);
  const box = useRef<HTMLDivElement>(null);
  const there = replies !== undefined;
  useEffect(() => {
    if (there) box.current?.querySelector<HTMLElement>('[role="option"]')?.focus();
  }, [there]);
  if (!replies)
    return (
      <p className={css["nothing"]} role="status">
        {t("list.loading")}
      </p>
    );
  if (replies.length === 0) return <p className={css["nothing"]}>{t("list.noReplies")}</p>;
  return (
    <div ref={box} role="listbox" aria-label={t("composer.replies")}>
      {replies.map(({ id, title, text }) => (
        <button
          key={id}
          type="button"
          role="option"
          aria-selected={false}
          tabIndex={-1}
          className={css["reply"]}
          onClick={() => onChoose(text)}
        >
          <span>{title}</span>
          <small>{text}</small>
        </button>
      ))}
    </div>
  );
}

export interface ChipsProps {
  thread: string;
  tab: Visibility;
  attachments: readonly AttachmentView[];
  uploading: readonly Uploading[];
}

/** What is attached to a draft, and what is on its way there. */
export function Chips({ thread, tab, attachments, uploading }: ChipsProps) {
  const { t } = useTranslation("chat");
  if (attachments.length + uploading.length === 0) return null;
  return (
    <ul className={css["chips"]}>
      {attachments.map(({ id, name, media_type }) => {
        const Icon = media_type.startsWith("image/") ? Image : FileText;
        return (
          <li key={id} className={css["chip"]}>
            <Icon size={14} aria-hidden="true" />
            <span>{name}</span>
            <Remove
              name={name}
              onPress={() => drafts.set(thread, tab, { attachments: withoutAttachment(attachments, id) })}
            />
          </li>
        );
      })}
      {uploading.map(({ id, name, done, failed, cancel }) => (
        <li key={id} className={classes(css["chip"], failed !== null && css["refused"])}>
          {failed === null ? (
            <progress value={done} aria-label={t("upload.uploading", { name, percent: Math.round(done * 100) })} />
          ) : (
            <TriangleAlert size={14} aria-hidden="true" />
          )}
          {failed === null ? (
            <span>{name}</span>
          ) : (
            <span role="alert">{t("upload.failed", { name, detail: failed })}</span>
          )}
          <Remove name={name} onPress={() => (failed === null ? cancel() : uploads.forget(thread, tab, id))} />
        </li>
      ))}
    </ul>
  );
}

function Remove({ name, onPress }: { name: string; onPress: () => void }) {
  const { t } = useTranslation("chat");
  return (
    <IconButton aria-label={t("upload.remove", { name })} onPress={onPress}>
      <X size={14} aria-hidden="true" />
    </IconButton>
  );
}
