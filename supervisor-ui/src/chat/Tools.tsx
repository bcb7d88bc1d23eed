import { AtSign, FileText, Image, MessageSquareText, Paperclip, Smile, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { Dialog, DialogTrigger, FileTrigger, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { language } from "../i18n";
import { drafts } from "../live/text/drafts";
import { IconButton } from "../ui/Button";
import { classes } from "../ui/classes";
import type { AttachmentView, Visibility } from "../wire/generated";
import { EMOJIS } from "./emojis";
import { useReplies } from "./items";
import { FILE_TYPES, type Uploading, uploads, withoutAttachment } from "./uploads";
import menu from "../ui/Menu.module.css";
import css from "./Composer.module.css";

export interface ToolsProps {
  tab: Visibility;
  /** Whose canned replies there are, besides those for all. */
  queue: string | undefined;
  onFiles: (files: FileList) => void;
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
      <FileTrigger
        allowsMultiple
        acceptedFileTypes={FILE_TYPES.split(",")}
        onSelect={(files) => files && onFiles(files)}
      >
        <IconButton
          className={css["tool"]}
          aria-label={t(tab === "private" ? "composer.attachPrivately" : "composer.attach")}
        >
          <Paperclip size={16} aria-hidden="true" />
        </IconButton>
      </FileTrigger>
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
  const [isOpen, open] = useState(false);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={open}>
      <IconButton className={css["tool"]} aria-label={t("composer.emoji")}>
        <Smile size={16} aria-hidden="true" />
      </IconButton>
      <Popover placement="top start" className={menu["popover"] ?? ""}>
        <Dialog aria-label={t("composer.emoji")}>
          <ListBox
            aria-label={t("composer.emoji")}
            layout="grid"
            className={css["emojis"] ?? ""}
            items={EMOJIS}
            autoFocus
            onAction={(key) => {
              // At once: while it is open, nothing outside it can take the focus.
              flushSync(() => open(false));
              onPut(String(key));
            }}
          >
            {(emoji) => (
              <ListBoxItem
                id={emoji.sign}
                textValue={emoji[language()]}
                aria-label={emoji[language()]}
                className={css["emoji"] ?? ""}
              >
                {emoji.sign}
              </ListBoxItem>
            )}
          </ListBox>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export interface RepliesButtonProps {
  queue: string | undefined;
  onReply: (text: string) => void;
}

/** Opens the canned replies, whatever is written already. One that is chosen lands in the draft, never on its way. */
function RepliesButton({ queue, onReply }: RepliesButtonProps) {
  const { t } = useTranslation("chat");
  const [isOpen, open] = useState(false);
  const choose = (text: string) => {
    // At once: while it is open, nothing outside it can take the focus.
    flushSync(() => open(false));
    onReply(text);
  };
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={open}>
      <IconButton className={css["tool"]} aria-label={t("composer.replies")}>
        <MessageSquareText size={16} aria-hidden="true" />
      </IconButton>
      <Popover placement="top start" className={classes(menu["popover"], css["replies"])}>
        <Dialog aria-label={t("composer.replies")}>
          <List queue={queue} onChoose={choose} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** Mounted when it is opened, so that it is looked up whether there are others by now. */
function List({ queue, onChoose }: { queue: string | undefined; onChoose: (text: string) => void }) {
  const { t } = useTranslation("chat");
  const replies = useReplies(queue);
  if (!replies)
    return (
      <p className={css["nothing"]} role="status">
        {t("list.loading")}
      </p>
    );
  return (
    <ListBox
      aria-label={t("composer.replies")}
      items={replies}
      autoFocus="first"
      className={css["replyList"] ?? ""}
      renderEmptyState={() => <p className={css["nothing"]}>{t("list.noReplies")}</p>}
      onAction={(key) => replies.filter(({ id }) => id === key).forEach(({ text }) => onChoose(text))}
    >
      {({ id, title, text }) => (
        <ListBoxItem id={id} textValue={title} className={css["reply"] ?? ""}>
          <span>{title}</span>
          <small>{text}</small>
        </ListBoxItem>
      )}
    </ListBox>
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
