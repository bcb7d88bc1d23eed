import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import type { ConversationView } from "../../../wire/generated";
import css from "./Conversations.module.css";

export interface RequestsProps {
  view: ConversationView;
  me: string;
  onTakeBack: (handover: string) => void;
}

/** Who was asked in and has not answered yet. */
export function Requests({ view, me, onTakeBack }: RequestsProps) {
  const { t } = useTranslation("agent");
  return (view.handovers ?? []).map(({ id, to_name, from }) => (
    <p key={id} className={css["requests"]}>
      <span className="spin">
        <LoaderCircle size={14} aria-hidden="true" />
      </span>
      <span role="status">{t("handover.waiting", { to: to_name })}</span>
      {from.user === me && (
        <Button size="small" onPress={() => onTakeBack(id)}>
          {t("handover.takeBack")}
        </Button>
      )}
    </p>
  ));
}
