import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { shortName } from "../../../ui/names";
import type { Request } from "../model/requests";
import { useHelpActions } from "../dashboard/help";
import { Elapsed } from "../parts/Parts";
import css from "./Panel.module.css";

/** The open help request: why, since when, who takes care, and the end of it. */
export function HelpStrip({ request, disabled }: { request: Request | undefined; disabled: boolean }) {
  const { t } = useTranslation("supervisor");
  const { take, close } = useHelpActions();
  const me = useLive((state) => state.me?.id);
  if (!request) return null;
  const { takenBy: by } = request;
  return (
    <div className={css["helpStrip"]}>
      <Hand size={16} aria-hidden="true" />
      <span className={css["helpText"]}>
        <b>{t("help.asks", { agent: shortName(request.agent) })}</b> · <Elapsed from={request.raisedAt} />
        <span className={css["helpReason"]}>
          {request.reason ? `“${request.reason}”` : t("help.noReason")}
          {by && ` · ${t(by.user === me ? "help.yours" : "help.taken", { name: shortName(by.name) })}`}
        </span>
      </span>
      <Button size="small" isDisabled={disabled} onPress={() => (by ? close : take)(request)}>
        {t(by ? "help.done" : "help.take")}
      </Button>
    </div>
  );
}
