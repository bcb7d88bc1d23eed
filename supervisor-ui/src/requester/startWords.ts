import { addWords } from "../i18n";

/** The words of the form with which one comes in. */
addWords(
  "start",
  {
    title: "How can we help?",
    name: "Your name",
    queue: "What is it about?",
    closedQueue: "{{name}} (closed)",
    closed: "We’re closed at the moment.",
    closedUntil: "We’re closed at the moment. We open again on {{when}} (your local time).",
    privacy: "Privacy notice",
    queuesFailed: "The server does not answer. Check your connection and reload the page.",
  },
  {
    title: "ご用件をお聞かせください",
    name: "お名前",
    queue: "ご用件",
    closedQueue: "{{name}}（受付時間外）",
    closed: "ただいま受付時間外です。",
    closedUntil: "ただいま受付時間外です。次の受付開始は{{when}}（お客様の現地時間）です。",
    privacy: "プライバシーポリシー",
    queuesFailed: "サーバーが応答しません。接続を確認して、ページを読み込み直してください。",
  },
);
