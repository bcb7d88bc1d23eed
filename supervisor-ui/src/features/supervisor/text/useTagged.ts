import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLiveStore } from "../../../live/hooks";
import { shortName } from "../../../ui/names";
import { toast } from "../../../ui/toasts";

/** Tells that a colleague has brought the user in, by `@name`. */
export function useTagged(): void {
  const { t } = useTranslation("supervisor");
  const live = useLiveStore();
  useEffect(
    () =>
      live.tapText((envelope) => {
        if (envelope.type !== "conversation.tagged") return;
        toast(
          t("text.broughtIn", { name: shortName(envelope.by.name), customer: envelope.conversation.requester.name }),
        );
      }),
    [live, t],
  );
}
