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

/** Wrap-up codes to choose from; the server takes any. */
export const WRAP_UP_CODES = Object.keys(en) as (keyof typeof en)[];
