import { Megaphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { useSession } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import css from "../panel/BargeDialog.module.css";

export interface JoinDialogProps {
  isOpen: boolean;
  customer: string;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked before the first step from private to public. It begins on Cancel. */
export function JoinDialog({ isOpen, customer, onCancel, onConfirm }: JoinDialogProps) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const { user } = useSession();
  return (
    <Dialog isOpen={isOpen} onClose={onCancel} role="alertdialog">
      <div className={css["top"]}>
        <span className={css["disc"]}><Megaphone size={22} aria-hidden="true" /></span>
        <div>
          <Heading slot="title" className={css["title"] ?? ""}>{t("text.join.title")}</Heading>
          <p>{t("text.join.body", { customer: shortName(customer), name: user.name })}</p>
        </div>
      </div>
      <div className={css["actions"]}>
        <span>{t("text.join.once")}</span>
        <Button size="large" autoFocus onPress={onCancel}>{common("cancel")}<Kbd>Esc</Kbd></Button>
        <Button size="large" kind="live" onPress={onConfirm}>
          <Megaphone size={17} aria-hidden="true" />
          {t("barge.yes")}
        </Button>
      </div>
    </Dialog>
  );
}
