import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button as AriaButton, Heading } from "react-aria-components";
import { useDevices } from "../../media/devices";
import { useStation, useStationView } from "../../media/hooks";
import { Button } from "../../ui/Button";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { Dialog } from "../../ui/Dialog";
import css from "./CallPage.module.css";

/** Another microphone or speaker. */
export function Trouble() {
  const { t } = useTranslation("call");
  const { t: common } = useTranslation();
  const station = useStation();
  const { inputs, outputs } = useDevices();
  const [isOpen, open] = useState(false);
  const microphone = useStationView((view) => view.microphoneId);
  const speaker = useStationView((view) => view.speakerId);
  const chooseMicrophone = (id: string | undefined) => {
    void station.chooseMicrophone(id);
  };
  const chooseSpeaker = (id: string | undefined) => {
    station.chooseSpeaker(id).catch(() => undefined);
  };
  return (
    <>
      <AriaButton className={css["link"] ?? ""} onPress={() => open(true)}>
        {t("trouble")}
      </AriaButton>
      <Dialog isOpen={isOpen} onClose={() => open(false)}>
        <div className={css["trouble"]}>
          <Heading slot="title">{t("trouble")}</Heading>
          <p className="muted">{t("troubleBody")}</p>
          <div className={css["field"]}>
            {common("microphone")}
            <DeviceSelect
              boxed
              label={common("microphone")}
              devices={inputs}
              chosen={microphone}
              onChoose={chooseMicrophone}
            />
          </div>
          <div className={css["field"]}>
            {common("speaker")}
            <DeviceSelect boxed label={common("speaker")} devices={outputs} chosen={speaker} onChoose={chooseSpeaker} />
          </div>
          <Button kind="primary" onPress={() => open(false)}>
            {common("close")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
