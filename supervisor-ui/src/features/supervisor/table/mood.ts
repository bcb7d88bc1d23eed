import type { MoodView } from "../../../wire/generated";

export type MoodWord = "calm" | "neutral" | "tense" | "upset";

/** From where on a value is called by the word before it. */
const CALM_MIN = 0.25;
const NEUTRAL_MIN = -0.2;
const TENSE_MIN = -0.55;

/** The word of a value between −1 and 1: an indicator, not a judgement. */
export function moodWord({ value }: MoodView): MoodWord {
  if (value >= CALM_MIN) return "calm";
  if (value >= NEUTRAL_MIN) return "neutral";
  return value >= TENSE_MIN ? "tense" : "upset";
}

export function isTense(mood: MoodView | undefined): boolean {
  return mood !== undefined && mood.value < NEUTRAL_MIN;
}
