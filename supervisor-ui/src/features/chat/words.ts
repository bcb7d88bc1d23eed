import { addWords } from "../../i18n";

addWords(
  "chat",
  {
    page: "Chat with us",
    lead: "Write to us right here.",
    subject: "In a few words (optional)",
    start: "Start chat",
    connecting: "Connecting…",
    close: "Close the chat",
    noQueues: "Chat isn’t available at the moment. Please come back later.",
    problems: {
      busy: "Too many people are writing right now. Please try again in a minute.",
      unreachable: "The server does not answer. Check your connection and try again.",
      closed: "We have just closed, so your chat couldn’t start.",
      failed: "That didn’t work. Please try again.",
    },
  },
  {
    page: "チャットで相談",
    lead: "この画面からメッセージでご相談いただけます。",
    subject: "内容（任意）",
    start: "チャットを始める",
    connecting: "接続しています…",
    close: "チャットを閉じる",
    noQueues: "ただいまチャットを受け付けていません。後ほどお試しください。",
    problems: {
      busy: "ただいま混み合っています。しばらくしてからお試しください。",
      unreachable: "サーバーが応答しません。接続を確認して、もう一度お試しください。",
      closed: "受付が終了したため、チャットを始められませんでした。",
      failed: "うまくいきませんでした。もう一度お試しください。",
    },
  },
);
