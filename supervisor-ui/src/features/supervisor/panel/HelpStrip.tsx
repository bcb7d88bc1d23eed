import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { Elapsed } from "../table/CallRow";
import { askingAgent } from "../tiles/counts";
import css from "./Panel.module.css";

/** The open help request of the call: why, since when, who takes care, and the end of it. */
export function HelpStrip({ call, disabled }: { call: CallView; disabled: boolean }) {
  const { t } = useTranslation("supervisor");
  const { api } = useSession();
  const me = useLive((state) => state.me?.id);
  const { help } = call;
  if (!help) return null;
  const by = help.taken_by;
  const act = (action: "take" | "close") => void api.help(call.id, { action }).catch(() => undefined);
  return (
    <div className={css["helpStrip"]}>
      <Hand size={16} aria-hidden="true" />
      <span className={css["helpText"]}>
        <b>{t("help.asks", { agent: shortName(askingAgent(call)) })}</b> · <Elapsed from={help.requested_at} />
        <span className={css["helpReason"]}>
          {help.reason ? `“${help.reason}”` : t("help.noReason")}
          {by && ` · ${t(by.user === me ? "help.yours" : "help.taken", { name: shortName(by.name) })}`}
        </span>
      </span>
      <Button size="small" isDisabled={disabled} onPress={() => act(by ? "close" : "take")}>
        {t(by ? "help.done" : "help.take")}
      </Button>
    </div>
  );
}
