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
    "conversation-refused": "The conversation doesn’t allow that any more.",
    "call-refused": "The call doesn’t allow that any more.",
    "too-large": "That is too large: files can be up to 10 MB.",
    "wrong-media-type": "Files of this type can’t be sent here. Pictures, PDF and text can.",
    "too-much-attached": "No more files can be attached here.",
    "empty-file": "The file is empty. Check that it’s the right one.",
    "damaged-file": "The picture is damaged or incomplete. Send it again, or a new copy of it.",
    "call-ended": "The call has ended.",
    "conversation-ended": "The conversation has ended.",
    "switched-off": "That isn’t available here.",
    "too-many-messages": "This conversation is full. Start a new one.",
    "too-many-uploads": "Send the files you’ve already added first, then add more.",
    "empty-message": "There’s nothing to send yet. Write something or attach a file.",
    "text-too-long": "A message can have up to 4,000 characters. Shorten it, or send it in parts.",
    "too-many-attachments": "A message can have up to 10 files. Send the rest in another one.",
    draining: "The server is about to restart. Try again in a minute.",
    "too-fast": "That’s too much at once. Wait a moment, then try again.",
    "too-many-attempts": "Too many attempts. Wait a minute, then try again.",
    "challenge-required": "Many people are waiting. Please show that you are a person, then try again.",
    "request-timeout": "It took too long to arrive. Check your connection and try again.",
    internal: "Something went wrong on the server. Try again in a moment.",
    "store-unavailable": "The server can’t reach its records at the moment. Try again soon.",
    "not-saved": "It couldn’t be saved, so nothing was done. Try again in a moment.",
    "no-room-for-files": "The server takes no files at the moment. Write a message, and send the file later.",
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
    "conversation-refused": "この会話では、もうその操作はできません。",
    "call-refused": "この通話では、もうその操作はできません。",
    "too-large": "サイズが大きすぎます。ファイルは10 MBまでです。",
    "wrong-media-type": "この種類のファイルは送れません。画像、PDF、テキストを送れます。",
    "too-much-attached": "ここにはこれ以上ファイルを添付できません。",
    "empty-file": "ファイルが空です。正しいファイルか確認してください。",
    "damaged-file": "画像が壊れているか、途中で切れています。もう一度送るか、別のコピーを送ってください。",
    "call-ended": "通話は終了しました。",
    "conversation-ended": "会話は終了しました。",
    "switched-off": "ここでは利用できません。",
    "too-many-messages": "この会話はいっぱいです。新しい会話を始めてください。",
    "too-many-uploads": "追加済みのファイルを先に送ってから、続きを追加してください。",
    "empty-message": "まだ送る内容がありません。文章を書くか、ファイルを添付してください。",
    "text-too-long": "メッセージは4,000文字までです。短くするか、分けて送ってください。",
    "too-many-attachments": "1件のメッセージに添付できるファイルは10個までです。残りは次のメッセージで送ってください。",
    draining: "サーバーがまもなく再起動します。1分ほど待ってから、もう一度お試しください。",
    "too-fast": "短い時間に送りすぎています。少し待ってから、もう一度お試しください。",
    "too-many-attempts": "試行回数が多すぎます。1分待ってから、もう一度お試しください。",
    "challenge-required": "現在混み合っています。人による操作であることを確認してから、もう一度お試しください。",
    "request-timeout": "送信に時間がかかりすぎました。接続を確認して、もう一度お試しください。",
    internal: "サーバーで問題が発生しました。しばらくしてから、もう一度お試しください。",
    "store-unavailable": "サーバーが記録にアクセスできません。しばらくしてから、もう一度お試しください。",
    "not-saved": "保存できなかったため、何も実行されていません。しばらくしてから、もう一度お試しください。",
    "no-room-for-files": "現在、ファイルを受け取れません。メッセージを送り、ファイルは後でお送りください。",
    overloaded: "サーバーが混み合っています。1分ほど待ってから、もう一度お試しください。",
  },
  ["bad-input", "too-large", "wrong-media-type", "challenge-required"],
);
