import { AtSign, Paperclip, Smile } from "lucide-react";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Dialog, DialogTrigger, FileTrigger, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { language } from "../i18n";
import { IconButton } from "../ui/Button";
import menu from "../ui/Menu.module.css";
import type { Visibility } from "../wire/generated";
import css from "./Composer.module.css";
import { EMOJIS } from "./emojis";
import { RepliesButton } from "./RepliesButton";
import { FILE_TYPES } from "./uploads";

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
