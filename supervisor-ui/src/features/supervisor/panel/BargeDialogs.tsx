import { type LucideIcon, Megaphone } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Diagram } from "../../../hearing/Diagram";
import { namesOf } from "../../../hearing/sentences";
import { preview } from "../../../hearing/statement";
import { useSession } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { Dialog, DialogTitle } from "../../../ui/Dialog";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import css from "./BargeDialogs.module.css";
import "./bargeWords";

export interface BargeDialogProps {
  isOpen: boolean;
  call: CallView;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked once per call. It shows what would be. */
export function BargeDialog({ call, ...rest }: BargeDialogProps) {
  const { t } = useTranslation("barge");
  const { t: hearing } = useTranslation("hearing");
  const said = preview(call, "barge");
  const names = { caller: shortName(call.caller.name), names: namesOf(hearing, said.heardBy.sure) };
  return (
    <BargeQuestion {...rest} title={t("call.title")} body={t("call.body", names)} once={t("call.once")}>
      <Diagram said={said} preview />
      <p>{t("call.caption")}</p>
    </BargeQuestion>
  );
}

export interface JoinDialogProps {
  isOpen: boolean;
  customer: string;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked before the first step from private to public. */
export function JoinDialog({ customer, ...rest }: JoinDialogProps) {
  const { t } = useTranslation("barge");
  const { user } = useSession();
  return (
    <BargeQuestion
      {...rest}
      title={t("text.title")}
      body={t("text.body", { customer: shortName(customer), name: user.name })}
      once={t("text.once")}
    />
  );
}

export interface BargeQuestionProps {
  isOpen: boolean;
  title: string;
  body: string;
  /** How often it is asked. */
  once: string;
  /** Of another step than Barge. */
  icon?: LucideIcon;
  /** The word for it; "Yes, I’m sure" if left out. */
  yes?: string;
  /** What would be. */
  children?: ReactNode;
  onCancel: () => void;
  onConfirm: () => void;
}

/** What is asked before everybody hears or reads one. It begins on Cancel. */
export function BargeQuestion(props: BargeQuestionProps) {
  const { isOpen, title, body, once, icon: Icon = Megaphone, yes, children, onCancel, onConfirm } = props;
  const { t } = useTranslation("barge");
  const { t: common } = useTranslation();
  return (
    <Dialog isOpen={isOpen} onClose={onCancel} role="alertdialog">
      <div className={css["top"]}>
        <span className={css["disc"]}>
          <Icon size={22} aria-hidden="true" />
        </span>
        <div>
          <DialogTitle className={css["title"] ?? ""}>{title}</DialogTitle>
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
          <Icon size={17} aria-hidden="true" />
          {yes ?? t("call.yes")}
        </Button>
      </div>
    </Dialog>
  );
}
