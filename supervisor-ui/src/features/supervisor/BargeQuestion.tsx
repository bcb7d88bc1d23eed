import { Megaphone } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Kbd } from "../../ui/Kbd";
import css from "./BargeQuestion.module.css";

export interface BargeQuestionProps {
  isOpen: boolean;
  title: string;
  body: string;
  /** How often it is asked. */
  once: string;
  /** What would be. */
  children?: ReactNode;
  onCancel: () => void;
  onConfirm: () => void;
}

/** What is asked before everybody hears or reads one. It begins on Cancel. */
export function BargeQuestion({ isOpen, title, body, once, children, onCancel, onConfirm }: BargeQuestionProps) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  return (
    <Dialog isOpen={isOpen} onClose={onCancel} role="alertdialog">
      <div className={css["top"]}>
        <span className={css["disc"]}>
          <Megaphone size={22} aria-hidden="true" />
        </span>
        <div>
          <Heading slot="title" className={css["title"] ?? ""}>
            {title}
          </Heading>
          <p>{body}</p>
        </div>
      </div>
      {children && <div className={css["picture"]}>{children}</div>}
      <div className={css["actions"]}>
        <span>{once}</span>
        <Button size="large" autoFocus onPress={onCancel}>
          {common("cancel")}
          <Kbd>Esc</Kbd>
        </Button>
        <Button size="large" kind="live" onPress={onConfirm}>
          <Megaphone size={17} aria-hidden="true" />
          {t("barge.yes")}
        </Button>
      </div>
    </Dialog>
  );
}
