import type { TFunction } from "i18next";
import { Angry, Annoyed, Meh, type LucideIcon, Minus, Smile, TrendingDown, TrendingUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";
import { classes } from "../../../ui/classes";
import { Tip } from "../../../ui/Tip";
import type { MoodView, TalkView } from "../../../wire/generated";
import { type MoodWord, moodWord } from "./mood";
import css from "./Table.module.css";

const FACES: Record<MoodWord, LucideIcon> = { calm: Smile, neutral: Meh, tense: Annoyed, upset: Angry };

export interface MoodCellProps {
  mood: MoodView | undefined;
  /** Of a call: what its mood was made of. */
  talk?: TalkView | undefined;
  /** Whether the Tab key leads to it: within the row that it leads to. */
  focusable: boolean;
  onPress: () => void;
}

/** Face, word and trend: an indicator, explained on hover and focus, without colour of its own. */
export function MoodCell({ mood, talk, focusable, onPress }: MoodCellProps) {
  const { t } = useTranslation("supervisor");
  if (!mood) return null;
  const word = moodWord(mood);
  const Face = FACES[word];
  const trend = mood.trend > 0 ? "up" : mood.trend < 0 ? "down" : "level";
  const Trend = { up: TrendingUp, down: TrendingDown, level: Minus }[trend];
  const about = [t(talk ? "mood.aboutCall" : "mood.aboutText"), ...(talk ? sound(t, talk) : [])].join("\n");
  return (
    <Tip text={about}>
      <Button
        className={classes(css["mood"], word === "upset" && css["upset"])}
        excludeFromTabOrder={!focusable}
        onPress={onPress}
      >
        <Face size={16} aria-hidden="true" />
        <span>{t(`mood.${word}`)}</span>
        <span className={css["trend"]}>
          <Trend size={14} aria-hidden="true" />
          <span className="vh">{t(`mood.trend.${trend}`)}</span>
        </span>
      </Button>
    </Tip>
  );
}

/** "Talk-over 12 %" and the rest, a line each. */
function sound(t: TFunction<"supervisor">, talk: TalkView): string[] {
  const percent = (share: number) => Math.round(100 * share);
  return [
    t("mood.share", { percent: percent(talk.caller_share) }),
    t("mood.over", { percent: percent(talk.talk_over) }),
    t("mood.silence", { percent: percent(talk.dead_air) }),
    ...(talk.caller_raised ? [t("mood.callerRaised")] : []),
    ...(talk.agent_raised ? [t("mood.agentRaised")] : []),
  ];
}
