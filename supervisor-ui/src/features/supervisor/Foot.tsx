import { useTranslation } from "react-i18next";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useStationView } from "../../media/hooks";
import { Kbd } from "../../ui/Kbd";
import css from "./Foot.module.css";
import { supervisorKeys } from "./keys";

/** The most used keys, and the microphone's state in words. */
export function Foot() {
  const { t } = useTranslation("supervisor");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const transmitting = useStationView((view) => view.transmitting);
  const sent = useStationView((view) => view.sent ?? 0);
  return (
    <footer className={css["foot"]}>
      <span>
        <Kbd>↑</Kbd>
        <Kbd>↓</Kbd> {t("foot.rows")}
      </span>
      <span>
        <Kbd>↵</Kbd> {t("foot.open")}
      </span>
      {enabled &&
        (["listen", "help", "search", "shortcuts"] as const).map((action) => (
          <span key={action}>
            <Kbd>{capOf(map[action])}</Kbd> {t(`foot.${action}`)}
          </span>
        ))}
      <span className={css["right"]}>
        {transmitting ? t("foot.micLive") : sent === 0 ? t("foot.mic") : t("foot.micSends", { count: sent })}
      </span>
    </footer>
  );
}
