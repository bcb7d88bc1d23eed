import i18next from "i18next";
import { addWords, language, type Translated } from "../i18n";

/** Texts for the server's refusals, by the last part of their stable names (`/problems/…`). */
export type ProblemTexts = Record<string, string>;

/** A route of the API, a method, a permission's key: words for who programs, and not for who works here. */
const FOR_PROGRAMS = /\/api\/|\b(?:GET|POST|PUT|PATCH|DELETE) |`|Bearer|\/calls\b|\/conversations\b/;

/** Whose English sentence of the server's is more to the point than any of ours. */
const specific = new Set<string>();

/**
 * Adds the texts of a part of the pages. `told`: of these kinds the server's own sentence is shown to
 * who reads English, unless it speaks to programs.
 */
export function addProblems<T extends ProblemTexts>(
  en: T,
  ja: Translated<T>,
  told: readonly (keyof T & string)[],
): void {
  addWords("problems", en, ja);
  told.forEach((kind) => specific.add(kind));
}

/**
 * A refusal in the reader's words and language: what happened, and what to do. Of a kind with several causes, by its
 * cause.
 */
export function problemText(kind: string, detail: string, cause?: string): string {
  if (cause !== undefined && i18next.exists(`problems:${cause}`)) return i18next.t(`problems:${cause}`);
  const name = kind.replace(/^\/problems\//, "");
  const key = `problems:${name}`;
  const known = i18next.exists(key);
  const says = detail !== "" && !FOR_PROGRAMS.test(detail);
  if (says && language() === "en" && (specific.has(name) || !known)) return detail;
  return i18next.t(known ? key : "problems:unknown");
}

addProblems(
  {
    unknown: "That didn’t work. Try again; if it keeps happening, reload the page.",
    unreachable: "The server does not answer. Check your connection and try again.",
    unexpected: "The server gave an answer that this page doesn’t understand. Reload the page.",
    "bad-input": "Something in it isn’t valid. Check what you entered, then try again.",
    "not-signed-in": "You’re no longer signed in here. Please begin again.",
    "not-found": "It’s no longer there.",
    "not-allowed": "That isn’t allowed here.",
    "queue-closed": "It’s closed at this time. Please come back during opening hours.",
    draining: "The server is about to restart. Try again in a minute.",
    "too-many-attempts": "Too many attempts. Wait a minute, then try again.",
    "challenge-required": "Many people are waiting. Please show that you are a person, then try again.",
    "request-timeout": "It took too long to arrive. Check your connection and try again.",
    internal: "Something went wrong on the server. Try again in a moment.",
    "store-unavailable": "The server can’t reach its records at the moment. Try again soon.",
    "not-saved": "It couldn’t be saved, so nothing was done. Try again in a moment.",
    overloaded: "The server is full at the moment. Try again in a minute.",
  },
  {
    unknown: "実行できませんでした。もう一度お試しください。繰り返す場合は、ページを再読み込みしてください。",
    unreachable: "サーバーが応答しません。接続を確認して、もう一度お試しください。",
    unexpected: "サーバーの応答を読み取れませんでした。ページを再読み込みしてください。",
    "bad-input": "入力内容に正しくないものがあります。確認して、もう一度お試しください。",
    "not-signed-in": "サインインが終了しています。最初からやり直してください。",
    "not-found": "すでに存在しません。",
    "not-allowed": "この操作は許可されていません。",
    "queue-closed": "ただいま受付時間外です。受付時間内にもう一度お試しください。",
    draining: "サーバーがまもなく再起動します。1分ほど待ってから、もう一度お試しください。",
    "too-many-attempts": "試行回数が多すぎます。1分待ってから、もう一度お試しください。",
    "challenge-required": "現在混み合っています。人による操作であることを確認してから、もう一度お試しください。",
    "request-timeout": "送信に時間がかかりすぎました。接続を確認して、もう一度お試しください。",
    internal: "サーバーで問題が発生しました。しばらくしてから、もう一度お試しください。",
    "store-unavailable": "サーバーが記録にアクセスできません。しばらくしてから、もう一度お試しください。",
    "not-saved": "保存できなかったため、何も実行されていません。しばらくしてから、もう一度お試しください。",
    overloaded: "サーバーが混み合っています。1分ほど待ってから、もう一度お試しください。",
  },
  ["bad-input", "challenge-required"],
);
