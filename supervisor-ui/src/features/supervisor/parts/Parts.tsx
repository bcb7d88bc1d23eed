import { useTranslation } from "react-i18next";
import { useTicking } from "../../../browser/ticking";
import { MODE_ICONS } from "../../../hearing/modes";
import { toneOf } from "../../../hearing/plan";
import { useLiveStore } from "../../../live/hooks";
import { classes } from "../../../ui/classes";
import { clock, shortName } from "../../../ui/names";
import type { Mode } from "../../../wire/generated";
import css from "./Parts.module.css";

/** A supervisor on a call: mode by icon, colour and (for those who do not see) word. */
export function PresenceChip({ name, mode, you }: { name: string; mode: Mode; you: boolean }) {
  const { t } = useTranslation("supervisor");
  const { t: hearing } = useTranslation("hearing");
  const Icon = MODE_ICONS[mode];
  const word = hearing(`modes.${mode}`);
  return (
    <span className={classes(css["chip"], css[toneOf(mode)])} title={`${name} – ${word}`}>
      <Icon size={14} aria-hidden="true" />
      {you ? t("you") : shortName(name)}
      <span className="vh"> – {word}</span>
    </span>
  );
}

/** Time since then, by the server's clock. */
export function Elapsed({ from }: { from: number }) {
  const live = useLiveStore();
  return <>{useTicking(() => clock(live.serverNow() - from))}</>;
}
