import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Weekday } from "../../wire/generated";
import { classes } from "../../ui/classes";
import { Check, Group, SelectField, TextField } from "./fields";
import type { Wrongs } from "./forms";
import { type HoursDraft, limited, WEEKDAYS } from "./hours";
import css from "./EditDialog.module.css";

export interface HoursFieldsProps {
  draft: HoursDraft;
  wrong: Wrongs<Weekday | "closedOn">;
  onChange: (draft: HoursDraft) => void;
}

/** When a queue takes new calls and conversations. */
export function HoursFields({ draft, wrong, onChange }: HoursFieldsProps) {
  const { t } = useTranslation("admin");
  const zones = useMemo(() => zonesWith(draft.zone), [draft.zone]);
  return (
    <Group label={t("hours.title")} hint={t("hours.hint")}>
      <Check
        label={t("hours.limited")}
        hint={t("hours.limitedHint")}
        checked={draft.limited}
        onChange={(on) => onChange(limited(draft, on))}
      />
      {draft.limited && (
        <div className={classes(css["two"], css["apart"])}>
          {WEEKDAYS.map((day) => (
            <TextField
              key={day}
              label={t(`hours.${day}`)}
              {...(day === "mon" && { hint: t("hours.example") })}
              value={draft.days[day]}
              onChange={(text) => onChange({ ...draft, days: { ...draft.days, [day]: text } })}
              wrong={wrong[day]}
            />
          ))}
        </div>
      )}
      <div className={classes(css["two"], css["apart"])}>
        <TextField
          label={t("hours.closedOn")}
          hint={t("hours.closedOnHint")}
          lines={2}
          value={draft.closedOn}
          onChange={(closedOn) => onChange({ ...draft, closedOn })}
          wrong={wrong.closedOn}
        />
        <SelectField
          label={t("hours.zone")}
          hint={t("hours.zoneHint")}
          value={draft.zone}
          onChange={(zone) => onChange({ ...draft, zone })}
          choices={zones}
        />
      </div>
    </Group>
  );
}

/** The zones that this browser knows, and this one. */
function zonesWith(zone: string): { id: string; name: string }[] {
  const all = new Set(["UTC", zone, ...Intl.supportedValuesOf("timeZone")]);
  return [...all].toSorted().map((id) => ({ id, name: id.replaceAll("_", " ") }));
}
