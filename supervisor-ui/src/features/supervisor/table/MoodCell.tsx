import { Angry, Annoyed, Meh, type LucideIcon, Minus, Smile, TrendingDown, TrendingUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { classes } from "../../../ui/classes";
import type { MoodView } from "../../../wire/generated";
import { type MoodWord, moodWord } from "./mood";
import css from "./Table.module.css";

const FACES: Record<MoodWord, LucideIcon> = { calm: Smile, neutral: Meh, tense: Annoyed, upset: Angry };

/** Face, word and trend: an indicator, explained on hover, without colour of its own. */
export function MoodCell({ mood }: { mood: MoodView | undefined }) {
  const { t } = useTranslation("supervisor");
  if (!mood) return null;
  const word = moodWord(mood);
  const Face = FACES[word];
  const trend = mood.trend > 0 ? "up" : mood.trend < 0 ? "down" : "level";
  const Trend = { up: TrendingUp, down: TrendingDown, level: Minus }[trend];
  return (
    <span className={classes(css["mood"], word === "upset" && css["upset"])} title={t("mood.about")}>
      <Face size={16} aria-hidden="true" />
      <span>{t(`mood.${word}`)}</span>
      <span className={css["trend"]}>
        <Trend size={14} aria-hidden="true" />
        <span className="vh">{t(`mood.trend.${trend}`)}</span>
      </span>
    </span>
  );
}
