import { AtSign, MessageSquareText, Paperclip, Smile } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog, DialogTrigger, FileTrigger, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { language } from "../i18n";
import { IconButton } from "../ui/Button";
import menu from "../ui/Menu.module.css";
import type { Visibility } from "../wire/generated";
import css from "./Composer.module.css";
import { EMOJIS } from "./emojis";
import { FILE_TYPES } from "./uploads";

export interface ToolsProps {
  tab: Visibility;
  onFiles: (files: FileList) => void;
  /** Puts characters in at the caret. */
  onPut: (characters: string) => void;
}

/** Attach, emoji, tag, replies. */
export function Tools({ tab, onFiles, onPut }: ToolsProps) {
  const { t } = useTranslation("chat");
  return (
    <>
      <FileTrigger allowsMultiple acceptedFileTypes={FILE_TYPES.split(",")} onSelect={(files) => files && onFiles(files)}>
        <IconButton className={css["tool"]} aria-label={t(tab === "private" ? "composer.attachPrivately" : "composer.attach")}><Paperclip size={16} aria-hidden="true" /></IconButton>
      </FileTrigger>
      <EmojiButton onPut={onPut} />
      <IconButton className={css["tool"]} aria-label={t("composer.tag")} onPress={() => onPut("@")}><AtSign size={16} aria-hidden="true" /></IconButton>
      <RepliesButton onPut={onPut} />
    </>
  );
}

function EmojiButton({ onPut }: { onPut: (characters: string) => void }) {
  const { t } = useTranslation("chat");
  const [isOpen, open] = useState(false);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={open}>
      <IconButton className={css["tool"]} aria-label={t("composer.emoji")}><Smile size={16} aria-hidden="true" /></IconButton>
      <Popover placement="top start" className={menu["popover"] ?? ""}>
        <Dialog aria-label={t("composer.emoji")}>
          <ListBox
            aria-label={t("composer.emoji")} layout="grid" className={css["emojis"] ?? ""} items={EMOJIS} autoFocus
            onAction={(key) => {
              open(false);
              onPut(String(key));
            }}
          >
            {(emoji) => <ListBoxItem id={emoji.sign} textValue={emoji[language()]} aria-label={emoji[language()]} className={css["emoji"] ?? ""}>{emoji.sign}</ListBoxItem>}
          </ListBox>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** The same list as "/" opens, where the field is still empty. */
function RepliesButton({ onPut }: { onPut: (characters: string) => void }) {
  const { t } = useTranslation("chat");
  return <IconButton className={css["tool"]} aria-label={t("composer.replies")} onPress={() => onPut("/")}><MessageSquareText size={16} aria-hidden="true" /></IconButton>;
}
