import { Mic, MicOff } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { scale } from "../../live/meters";
import { useStation } from "../../media/hooks";
import { Button } from "../../ui/Button";
import { Meter } from "../../ui/Meter";
import { useDesk, useDeskView } from "./hooks";
import css from "./Softphone.module.css";

/** A look at the microphone while no call goes on. */
export function SoundCheck() {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { testing } = useDeskView();
  const station = useStation();
  const read = useMemo(() => () => scale(station.microphone.level()), [station]);
  return (
    <section className={css["card"]} aria-labelledby="sound">
      <h2 id="sound">{t("sound.title")}</h2>
      <p className="muted">{t(testing ? "sound.body" : "sound.off")}</p>
      <div className={css["check"]}>
        <Meter read={read} off={!testing} label={t("sound.micLevel")} className={css["wide"]} />
        <Button onPress={() => desk.testMicrophone(!testing)}>
          {testing ? <MicOff size={16} aria-hidden="true" /> : <Mic size={16} aria-hidden="true" />}
          {t(testing ? "sound.stop" : "sound.test")}
        </Button>
      </div>
    </section>
  );
}
