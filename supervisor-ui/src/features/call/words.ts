import { addWords } from "../../i18n";

addWords(
  "call",
  {
    page: "Call us",
    waitingTab: "Waiting",
    talkingTab: "On a call",
    lead: "Talk to us right here, no phone needed.",
    callNow: "Call now",
    microphoneHint: "Your browser will ask for your microphone.",
    noQueues: "We’re not taking calls at the moment. Please come back later.",
    problems: {
      microphone:
        "We can’t hear you: your microphone can’t be used. Allow it in your browser’s address bar, or " +
        "plug one in, then call again.",
      busy: "All lines are busy. Please try again in a minute.",
      unreachable: "The server does not answer. Check your connection and try again.",
      signedIn:
        "{{name}} is signed in to this browser, and calling from here would sign {{name}} out. Use a " +
        "private window, or continue.",
      noPath:
        "Your network doesn’t let calls through. Try another, such as your phone’s mobile data, or " +
        "write to us instead.",
      closed: "We have just closed, so your call couldn’t start.",
      failed: "That didn’t work. Please try again.",
    },
    goOn: "Sign {{name}} out and call",
    chatInstead: "Chat instead",
  },
  {
    page: "お電話はこちら",
    waitingTab: "お待ちください",
    talkingTab: "通話中",
    lead: "電話機がなくても、この画面からお話しいただけます。",
    callNow: "電話をかける",
    microphoneHint: "ブラウザーがマイクの使用許可を求めます。",
    noQueues: "ただいま電話を受け付けていません。後ほどお試しください。",
    problems: {
      microphone:
        "マイクを使用できないため、お声が聞こえません。ブラウザーのアドレスバーで許可するか、マイクを接続して、もう一度おかけください。",
      busy: "ただいま回線が混み合っています。しばらくしてからお試しください。",
      unreachable: "サーバーが応答しません。接続を確認して、もう一度お試しください。",
      signedIn:
        "このブラウザーには{{name}}さんがサインインしています。ここから電話をかけると{{name}}さんはサインアウトされます。プライベートウィンドウを使うか、このまま続けてください。",
      noPath:
        "お使いのネットワークでは通話できません。携帯電話の回線など別のネットワークを使うか、チャットでご連絡ください。",
      closed: "受付が終了したため、おつなぎできませんでした。",
      failed: "うまくいきませんでした。もう一度お試しください。",
    },
    goOn: "{{name}}さんをサインアウトしてかける",
    chatInstead: "チャットで相談する",
  },
);
