import { useTranslation } from "react-i18next";
import { Diagram } from "../../../hearing/Diagram";
import type { Hearing } from "../../../hearing/picture";
import { shortName } from "../../../ui/names";
import { BargeQuestion } from "../BargeQuestion";

export interface BargeDialogProps {
  isOpen: boolean;
  hearing: Hearing;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked once per call. It shows what would be. */
export function BargeDialog({ hearing, ...rest }: BargeDialogProps) {
  const { t } = useTranslation("supervisor");
  const names = { caller: shortName(hearing.caller), agent: shortName(hearing.agent) };
  return (
    <BargeQuestion {...rest} title={t("barge.title")} body={t("barge.body", names)} once={t("barge.once")}>
      <Diagram hearing={{ ...hearing, mode: "barge" }} preview />
      <p>{t("barge.caption")}</p>
    </BargeQuestion>
  );
}
