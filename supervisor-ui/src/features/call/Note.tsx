import { MicOff, Pause, PhoneForwarded, VolumeX, WifiOff } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { microphoneFault } from "../../media/fault";
import { useStation, useStationView } from "../../media/hooks";
import { qualityWord } from "../../media/quality";
import { Button } from "../../ui/Button";
import { SignalBars } from "../../ui/SignalBars";
import { shortName } from "../../ui/names";
import type { CallView } from "../../wire/generated";
import css from "./CallPage.module.css";
import { useCaller, useCallerView } from "./hooks";
import { present } from "./state";

const BARS = { none: 4, poor: 1, fair: 2, good: 4 };

/** The one thing that the caller has to know right now. */
export function Note({ call }: { call: CallView | null }) {
  const { t } = useTranslation("calling");
  const { t: common } = useTranslation();
  const caller = useCaller();
  const { away, muted, microphoneFailed } = useCallerView();
  const station = useStation();
  const silenced = useStationView((view) => view.silenced && view.state.kind === "ready");
  const deviceMuted = useStationView((view) => view.deviceMuted);
  const unsound = useStationView(microphoneFault);
  if (silenced) {
    return (
      <div className={css["note"]} role="alert">
        <VolumeX size={18} aria-hidden="true" />
        {common("silenced.why")}
        <Button size="small" onPress={() => station.unlock()}>
          {common("silenced.play")}
        </Button>
      </div>
    );
  }
  if (deviceMuted && call?.state === "active") {
    return (
      <div className={css["note"]} role="alert">
        <MicOff size={18} aria-hidden="true" />
        {t("deviceMuted")}
      </div>
    );
  }
  if (unsound && call?.state === "active") {
    return (
      <div className={css["note"]} role="alert">
        <MicOff size={18} aria-hidden="true" />
        {t(`unsound.${unsound}`)}
      </div>
    );
  }
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
        waitingWords(t, call.place)
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
          {heldWords(t, call)}
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

/** That the caller waits, and where in the queue if they are told. */
function waitingWords(t: TFunction<"calling">, place: number | undefined): string {
  if (place === undefined) return t("waiting");
  return place === 1 ? t("next") : t("place", { place });
}

/** Who has put the caller on hold, where somebody else goes on talking with them. */
function heldWords(t: TFunction<"calling">, call: CallView): string {
  const { heard, apart } = present(call);
  if (heard.length === 0 || apart.length === 0) return t("held");
  const names = apart.map(({ name }) => t("person", { name: shortName(name) })).join(", ");
  return t("heldBy", { names });
}

function Quality() {
  const { t } = useTranslation("calling");
  const word = useStationView(({ quality }) => (quality ? qualityWord(quality) : "none"));
  return (
    <>
      <SignalBars full={BARS[word]} size={18} />
      {t(`quality.${word}`)}
    </>
  );
}
