import { VolumeX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStation, useStationView } from "../media/hooks";
import { Banner } from "../ui/Banner";
import { Button } from "../ui/Button";

/** The browser plays nothing before a click or a key in the page, as after a reload in the middle of a call. */
export function Silenced() {
  const { t } = useTranslation();
  const station = useStation();
  const silenced = useStationView((view) => view.silenced && view.state.kind === "ready");
  if (!silenced) return null;
  return (
    <Banner
      icon={<VolumeX size={18} aria-hidden="true" />}
      actions={
        <Button size="small" onPress={() => station.unlock()}>
          {t("silenced.play")}
        </Button>
      }
    >
      {t("silenced.why")}
    </Banner>
  );
}
