import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { useQueueChoices } from "../../../session/queues";
import { Button } from "../../../ui/Button";
import { Dialog, DialogTitle } from "../../../ui/Dialog";
import { CheckField, ChoiceField } from "../../../ui/Filters";
import { SIGN_KINDS, type SignKind, type Thresholds } from "../model/signs";
import { PER_HOUR_MAX, SECONDS_MAX, thresholdsOf, useSignSettings } from "./settings";
import css from "./Signs.module.css";
import "./words";

const FIELDS: readonly (keyof Thresholds)[] = ["deadAirS", "talkOverPercent", "holdS", "helpS"];

/** Which signs one is told of, how many an hour, and from where on, for each queue. */
export function SignSettingsDialog({ user, onClose }: { user: string; onClose: () => void }) {
  const { t } = useTranslation("signs");
  const { t: supervisor } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const queues = useLive((state) => state.me?.queues) ?? [];
  const [settings, change] = useSignSettings(user);
  const [queue, setQueue] = useState("");
  const shown = thresholdsOf(settings, queue, useQueueChoices());
  const tell = (kind: SignKind, on: boolean) => {
    const muted = new Set(settings.muted);
    if (on) muted.delete(kind);
    else muted.add(kind);
    change({ muted });
  };
  const setThreshold = (field: keyof Thresholds, value: number) =>
    change({ thresholds: { ...settings.thresholds, [queue]: { ...shown, [field]: value } } });
  return (
    <Dialog isOpen onClose={onClose}>
      <div className={css["dialog"]}>
        <DialogTitle className={css["title"]}>{t("settings")}</DialogTitle>
        <p className="muted">{t("about")}</p>
        <fieldset className={css["kinds"]}>
          <legend>{t("tell")}</legend>
          {SIGN_KINDS.map((kind) => (
            <CheckField
              key={kind}
              label={t(`kind.${kind}`)}
              value={!settings.muted.has(kind)}
              onChange={(on) => tell(kind, on)}
            />
          ))}
        </fieldset>
        <Figure
          label={t("perHour")}
          value={settings.perHour}
          min={0}
          max={PER_HOUR_MAX}
          onChange={(perHour) => change({ perHour })}
        />
        <fieldset className={css["limits"]}>
          <legend>{t("from")}</legend>
          <ChoiceField
            label={supervisor("filter.queue")}
            every={supervisor("filter.everyQueue")}
            options={queues}
            value={queue}
            onChange={setQueue}
          />
          {FIELDS.map((field) => (
            <Figure
              key={field}
              label={t(`threshold.${field}`)}
              value={shown[field]}
              min={1}
              max={field === "talkOverPercent" ? 100 : SECONDS_MAX}
              onChange={(value) => setThreshold(field, value)}
            />
          ))}
        </fieldset>
        <p className={css["actions"]}>
          <Button kind="primary" onPress={onClose}>
            {common("close")}
          </Button>
        </p>
      </div>
    </Dialog>
  );
}

interface FigureProps {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

/** A whole number; what is none, or out of its bounds, is not kept. */
function Figure({ label, value, min, max, onChange }: FigureProps) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const write = (next: string) => {
    setText(next);
    const wanted = Number(next);
    if (next.trim() !== "" && Number.isInteger(wanted) && wanted >= min && wanted <= max) onChange(wanted);
  };
  return (
    <p className={css["figure"]}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={min}
        max={max}
        value={text ?? value}
        onChange={(event) => write(event.target.value)}
        onBlur={() => setText(null)}
      />
    </p>
  );
}
