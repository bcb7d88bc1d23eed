import { MessageSquareText } from "lucide-react";
import { useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { Dialog, DialogTrigger, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { IconButton } from "../ui/Button";
import { classes } from "../ui/classes";
import menu from "../ui/Menu.module.css";
import css from "./Composer.module.css";
import { useReplies } from "./lists";

export interface RepliesButtonProps {
  queue: string | undefined;
  onReply: (text: string) => void;
}

/** Opens the canned replies, whatever is written already. One that is chosen lands in the draft, never on its way. */
export function RepliesButton({ queue, onReply }: RepliesButtonProps) {
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
