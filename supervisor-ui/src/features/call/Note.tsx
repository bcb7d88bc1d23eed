import { MicOff, Pause, PhoneForwarded, WifiOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStationView } from "../../media/hooks";
import { qualityWord } from "../../media/quality";
import { Button } from "../../ui/Button";
import { SignalBars } from "../../ui/SignalBars";
import type { CallView } from "../../wire/generated";
import css from "./CallPage.module.css";
import { useCaller, useCallerView } from "./hooks";

const BARS = { none: 4, poor: 1, fair: 2, good: 4 };

/** The one thing that the caller has to know right now. */
export function Note({ call }: { call: CallView | null }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  const { away, muted, microphoneFailed } = useCallerView();
  if (microphoneFailed) {
    return (
      <div className={css["note"]} role="alert">
        <MicOff size={18} aria-hidden="true" />
        {t("microphoneFailed")}
        <Button size="small" onPress={() => caller.retryMicrophone()}>
          {t("retry")}
        </Button>
      </div>
    );
  }
  return (
    <div className={css["note"]} role="status">
      {away ? (
        <>
          <WifiOff size={18} aria-hidden="true" />
          {t("away")}
        </>
      ) : call === null ? (
        t("connectingBody")
      ) : call.state === "waiting" ? (
        t("waiting")
      ) : call.state === "ringing" ? (
        t("ringing")
      ) : call.transferring_to !== undefined ? (
        <>
          <PhoneForwarded size={18} aria-hidden="true" />
          {t("transferring", { to: call.transferring_to })}
        </>
      ) : call.held ? (
        <>
          <Pause size={18} aria-hidden="true" />
          {t("held")}
        </>
      ) : muted ? (
        <>
          <MicOff size={18} aria-hidden="true" />
          {t("mutedNote")}
        </>
      ) : (
        <Quality />
      )}
    </div>
  );
}

function Quality() {
  const { t } = useTranslation("call");
  const word = useStationView(({ quality }) => (quality ? qualityWord(quality) : "none"));
  return (
    <>
      <SignalBars full={BARS[word]} size={18} />
      {t(`quality.${word}`)}
    </>
  );
}
