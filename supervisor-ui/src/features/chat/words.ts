import { addWords } from "../../i18n";

addWords(
  "chat",
  {
    page: "Chat with us",
    title: "How can we help?",
    lead: "Write to us right here.",
    name: "Your name",
    queue: "What is it about?",
    subject: "In a few words (optional)",
    start: "Start chat",
    connecting: "Connecting…",
    close: "Close the chat",
    noQueues: "The chat is not open at the moment. Please come back later.",
    queuesFailed: "The server does not answer. Check your connection and load the page again.",
    problems: {
      busy: "Too many people are writing right now. Please try again in a minute.",
      unreachable: "The server does not answer. Check your connection and try again.",
      failed: "That did not work. Please try again.",
    },
  },
  {
    page: "チャットで相談",
    title: "ご用件をお聞かせください",
    lead: "この画面からメッセージでご相談いただけます。",
    name: "お名前",
    queue: "ご用件",
    subject: "内容（任意）",
    start: "チャットを始める",
    connecting: "接続しています…",
    close: "チャットを閉じる",
    noQueues: "ただいまチャットを受け付けていません。後ほどお試しください。",
    queuesFailed: "サーバーが応答しません。接続を確認して、ページを読み込み直してください。",
    problems: {
      busy: "ただいま混み合っています。しばらくしてからお試しください。",
      unreachable: "サーバーが応答しません。接続を確認して、もう一度お試しください。",
      failed: "うまくいきませんでした。もう一度お試しください。",
    },
  },
);
