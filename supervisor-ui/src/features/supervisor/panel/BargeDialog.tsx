import { Megaphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Diagram } from "../../../hearing/Diagram";
import type { Hearing } from "../../../hearing/picture";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import css from "./BargeDialog.module.css";

export interface BargeDialogProps {
  isOpen: boolean;
  hearing: Hearing;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked once per call. It begins on Cancel, and shows what would be. */
export function BargeDialog({ isOpen, hearing, onCancel, onConfirm }: BargeDialogProps) {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const names = { caller: shortName(hearing.caller), agent: shortName(hearing.agent) };
  return (
    <Dialog isOpen={isOpen} onClose={onCancel} role="alertdialog">
      <div className={css["top"]}>
        <span className={css["disc"]}>
          <Megaphone size={22} aria-hidden="true" />
        </span>
        <div>
          <Heading slot="title" className={css["title"] ?? ""}>
            {t("barge.title")}
          </Heading>
          <p>{t("barge.body", names)}</p>
        </div>
      </div>
      <div className={css["picture"]}>
        <Diagram hearing={{ ...hearing, mode: "barge" }} preview />
        <p>{t("barge.caption")}</p>
      </div>
      <div className={css["actions"]}>
        <span>{t("barge.once")}</span>
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
