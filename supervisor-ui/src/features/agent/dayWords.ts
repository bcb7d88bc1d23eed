import { addWords, type Translated } from "../../i18n";

const en = {
  afterCall: {
    title: "After-call work",
    body: "No call rings until you’re ready, or the time is up.",
    with: "Call with {{name}}",
    code: "Wrap-up code",
    noCode: "No code",
    note: "Note, staff only",
    save: "Save and go ready",
    refused: "Not saved: {{detail}}",
  },
  day: {
    answered: "Calls today",
    missed: "Missed",
    help: "Help requests",
    handle: "Median length",
    missedTitle: "Missed today",
    kind: { call: "Call", conversation: "Chat" },
    more: "and {{count}} more",
  },
};

const ja: Translated<typeof en> = {
  afterCall: {
    title: "後処理",
    body: "受付可にするか時間が過ぎるまで、着信はありません。",
    with: "{{name}}さんとの通話",
    code: "後処理コード",
    noCode: "コードなし",
    note: "メモ（社内のみ）",
    save: "保存して受付可にする",
    refused: "保存できませんでした：{{detail}}",
  },
  day: {
    answered: "本日の通話",
    missed: "不応答",
    help: "ヘルプ要請",
    handle: "通話時間の中央値",
    missedTitle: "本日の不応答",
    kind: { call: "通話", conversation: "チャット" },
    more: "ほか{{count}}件",
  },
};

addWords("day", en, ja);
