import { useTranslation } from "react-i18next";
import { useSession } from "../../../session/session";
import { shortName } from "../../../ui/names";
import { BargeQuestion } from "../BargeQuestion";

export interface JoinDialogProps {
  isOpen: boolean;
  customer: string;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked before the first step from private to public. */
export function JoinDialog({ customer, ...rest }: JoinDialogProps) {
  const { t } = useTranslation("supervisor");
  const { user } = useSession();
  return (
    <BargeQuestion
      {...rest}
      title={t("text.join.title")}
      body={t("text.join.body", { customer: shortName(customer), name: user.name })}
      once={t("text.join.once")}
    />
  );
}
