import { useEffect, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ears, keepEars } from "../../media/ears";
import { useStation } from "../../media/hooks";
import { canSplit } from "../../media/panorama";
import { RING, Ringer } from "../../media/ringer";
import { RING_VOLUMES, ringVolume, setRingVolume } from "../../media/volume";
import { Button } from "../../ui/Button";
import { DeviceRows } from "../../ui/DeviceRows";
import css from "./Settings.module.css";

/** Microphone and speaker; for those at whom calls ring, how loud. */
export function SoundSection({ rings }: { rings: boolean }) {
  const { t } = useTranslation("settings");
  return (
    <section className={css["section"]} aria-labelledby="settings-sound">
      <h3 id="settings-sound">{t("sound.title")}</h3>
      <DeviceRows />
      {rings && <Ringing />}
      {rings && canSplit() && <EarsChoice />}
    </section>
  );
}

/** Where caller and supervisor are heard while one is coached, from the next time on. */
function EarsChoice() {
  const { t } = useTranslation("settings");
  const id = useId();
  const [chosen, setChosen] = useState(ears);
  const choose = (text: string) => {
    const wanted = text === "split" ? "split" : "both";
    keepEars(wanted);
    setChosen(wanted);
  };
  return (
    <p className={css["device"]}>
      <label htmlFor={id}>{t("sound.ears")}</label>
      <span className={css["volume"]}>
        <select id={id} value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="both">{t("sound.both")}</option>
          <option value="split">{t("sound.split")}</option>
        </select>
      </span>
    </p>
  );
}

/** How loud it rings; it may be tried. The next call rings so. */
function Ringing() {
  const { t } = useTranslation("settings");
  const id = useId();
  const [volume, setVolume] = useState(ringVolume);
  const station = useStation();
  const ringer = useMemo(() => new Ringer(station.view, ringVolume), [station]);
  useEffect(() => () => ringer.close(), [ringer]);
  const choose = (text: string) => {
    const wanted = RING_VOLUMES.find((percent) => percent === Number(text));
    if (wanted === undefined) return;
    setRingVolume(wanted);
    setVolume(wanted);
  };
  return (
    <p className={css["device"]}>
      <label htmlFor={id}>{t("sound.ring")}</label>
      <span className={css["volume"]}>
        <select id={id} value={volume} onChange={(event) => choose(event.target.value)}>
          {RING_VOLUMES.map((percent) => (
            <option key={percent} value={percent}>
              {percent === 0 ? t("sound.silent") : t("sound.volume", { percent })}
            </option>
          ))}
        </select>
        <Button size="small" isDisabled={volume === 0} onPress={() => ringer.once(RING)}>
          {t("sound.try")}
        </Button>
      </span>
    </p>
  );
}
