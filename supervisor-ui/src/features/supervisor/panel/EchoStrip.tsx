import { Volume2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { coachedLeg } from "../model/call";
import css from "./Panel.module.css";

export interface EchoStripProps {
  call: CallView;
  /** The leg that a whisper reaches; undefined: of the agent who answered. */
  coach: string | undefined;
}

/** Before and during a whisper: its agent's microphone hears the loudspeaker, as the agent's own client says. */
export function EchoStrip({ call, coach }: EchoStripProps) {
  const { t } = useTranslation("supervisor");
  const leg = coachedLeg(call, coach);
  const agent = leg?.echo ? shortName(leg.name) : null;
  return (
    <div role="status">
      {agent && (
        <div className={css["echoStrip"]}>
          <Volume2 size={16} aria-hidden="true" />
          <span>
            <b>{t("echo.title", { agent })}</b> {t("echo.body")}
          </span>
        </div>
      )}
    </div>
  );
}
