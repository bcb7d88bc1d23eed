import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../hearing/modes";
import { classes } from "../../ui/classes";
import { shortName } from "../../ui/names";
import type { Mode } from "../../wire/generated";
import css from "./ui.module.css";

/** A supervisor on a call: mode by icon, colour and (for those who do not see) word. */
export function PresenceChip({ name, mode, you }: { name: string; mode: Mode; you: boolean }) {
  const { t } = useTranslation("supervisor");
  const { t: hearing } = useTranslation("hearing");
  const Icon = MODE_ICONS[mode];
  const word = hearing(`modes.${mode}`);
  return (
    <span className={classes(css["chip"], css[mode])} title={`${name} – ${word}`}>
      <Icon size={14} aria-hidden="true" />
      {you ? t("you") : shortName(name)}
      <span className="vh"> – {word}</span>
    </span>
  );
}
