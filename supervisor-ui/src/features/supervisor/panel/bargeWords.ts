import { addWords } from "../../../i18n";

addWords(
  "barge",
  {
    call: {
      title: "Everyone will hear you",
      body:
        "{{names}} hear a short tone, then you. You can go back to Listen at any time, " +
        "but {{caller}} will know that you were there.",
      caption: "This is who will hear whom once the server confirms. Your microphone opens then, not before.",
      once: "Asked once per call",
      yes: "Yes, I’m sure",
    },
    text: {
      title: "The requester will be notified that you join",
      body:
        "{{customer}} and everyone else will see “{{name}} has joined the conversation”. What you write in " +
        "Public then goes to {{customer}} too. You can go back to Listen at any time, but {{customer}} " +
        "will know that you were there.",
      once: "Asked once per conversation",
    },
  },
  {
    call: {
      title: "全員に聞こえるようになります",
      body: "{{names}}に短い音が鳴り、その後あなたの声が聞こえます。いつでもモニターに戻れますが、{{caller}}さんにはあなたがいたことが分かります。",
      caption: "サーバーの確認後は、このように聞こえます。マイクはその時に開き、それまでは開きません。",
      once: "通話ごとに一度だけ確認します",
      yes: "はい、参加します",
    },
    text: {
      title: "参加することが顧客に通知されます",
      body:
        "{{customer}}さんを含む全員に「{{name}}さんが会話に参加しました」と表示されます。以後「公開」に書いた内容は{{customer}}さんにも届きます。" +
        "いつでも閲覧に戻れますが、参加したことは{{customer}}さんに知られます。",
      once: "確認は会話ごとに1回です",
    },
  },
);
