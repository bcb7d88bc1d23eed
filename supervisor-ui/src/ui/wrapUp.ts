import { addWords, type Translated } from "../i18n";

const en = {
  resolved: "Resolved",
  follow_up: "Follow-up needed",
  callback: "Call back",
  escalated: "Escalated",
  complaint: "Complaint",
  spam: "Spam or wrong number",
  other: "Other",
};

const ja: Translated<typeof en> = {
  resolved: "解決",
  follow_up: "要フォロー",
  callback: "折り返し",
  escalated: "エスカレーション",
  complaint: "苦情",
  spam: "迷惑電話・間違い電話",
  other: "その他",
};

addWords("wrapUp", en, ja);

/** Wrap-up codes of a queue that has none of its own. */
export const WRAP_UP_CODES = Object.keys(en) as (keyof typeof en)[];

/** What of a queue's choices is looked at here. */
interface Codes {
  readonly queue: string;
  readonly wrap_up_codes: readonly string[];
}

/** What is chosen from in this queue; without one, as in a queue that has no codes of its own. */
export function codesOf(choices: readonly Codes[], queue: string | undefined): readonly string[] {
  const own = choices.find((one) => one.queue === queue)?.wrap_up_codes ?? [];
  return own.length > 0 ? own : WRAP_UP_CODES;
}

/** Every code that may be found: those of all queues, each once. */
export function allCodes(choices: readonly Codes[]): readonly string[] {
  const queues = choices.length > 0 ? choices.map(({ queue }) => queue) : [undefined];
  return [...new Set(queues.flatMap((queue) => codesOf(choices, queue)))];
}

/** How a code is written: ours in the reader's language, a queue's own as it is. */
export function codeName(t: (key: string, options: { defaultValue: string }) => string, code: string): string {
  const isOurs = WRAP_UP_CODES.some((ours) => ours === code);
  return isOurs ? t(`wrapUp:${code}`, { defaultValue: code }) : code;
}
