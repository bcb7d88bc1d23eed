import type { Translated } from "../../i18n/translated";

/** Who has come to the agent's call, and what of the agent they hear. */
const en = {
  coaching: "{{name}} is coaching you – only you can hear this.",
  dont: "Don’t answer aloud: ",
  callerHears: "the caller hears you.",
  held_one: "The caller is on hold: only {{names}} hears you.",
  held_other: "The caller is on hold: only {{names}} hear you.",
  only_one: "Only {{names}} hears you.",
  only_other: "Only {{names}} hear you.",
  nobody: "Nobody hears you at the moment.",
  muted: "You are muted: nobody hears you.",
  joined: "{{name}} has joined the call – everyone hears {{name}}.",
  taken: "{{name}} has taken the call over – nobody hears you.",
  takenHear: "{{name}} is speaking with {{caller}}, and you can hear them. {{name}} will hand the call back to you.",
  takenApart: "{{name}} is speaking with {{caller}}; you can’t hear them until the call is handed back to you.",
  both: "{{caller}} hears you both.",
  onlyGuest: "{{caller}} hears {{name}}, not you: you are muted.",
  onlyGuestHeard: "{{caller}} hears {{name}}, not you.",
  heldJoined: "{{caller}} is on hold for you, and hears {{name}}.",
  listening: "{{name}} is listening – nobody hears {{name}}.",
  voice: "{{name}}’s voice",
  level: "{{name}}, level",
  ended: "{{name}} has left. {{heard}}.",
  reply: "Reply in private text",
};

const ja: Translated<typeof en> = {
  coaching: "{{name}}さんが助言しています – あなただけに聞こえます。",
  dont: "声に出して答えないでください。",
  callerHears: "顧客に聞こえます。",
  held_one: "顧客は保留中です。あなたの声は{{names}}だけに聞こえます。",
  held_other: "顧客は保留中です。あなたの声は{{names}}だけに聞こえます。",
  only_one: "あなたの声は{{names}}だけに聞こえます。",
  only_other: "あなたの声は{{names}}だけに聞こえます。",
  nobody: "今、あなたの声は誰にも聞こえません。",
  muted: "ミュート中です。あなたの声は誰にも聞こえません。",
  joined: "{{name}}さんが通話に参加しました – 全員に聞こえます。",
  taken: "{{name}}さんが通話を引き取りました – あなたの声は誰にも聞こえません。",
  takenHear: "{{name}}さんが{{caller}}さんと話しています。あなたにも聞こえます。通話は後であなたに戻ります。",
  takenApart: "{{name}}さんが{{caller}}さんと話しています。通話が戻るまで、あなたには聞こえません。",
  both: "{{caller}}さんには二人の声が聞こえます。",
  onlyGuest: "{{caller}}さんには{{name}}さんの声だけが聞こえます。あなたはミュート中です。",
  onlyGuestHeard: "{{caller}}さんには{{name}}さんの声だけが聞こえます。",
  heldJoined: "{{caller}}さんは保留中で、{{name}}さんの声は聞こえます。",
  listening: "{{name}}さんがモニター中 – {{name}}さんの声は誰にも聞こえません。",
  voice: "{{name}}さんの声",
  level: "{{name}}さんの音量",
  ended: "{{name}}さんが離れました。{{heard}}。",
  reply: "非公開テキストで返信",
};

export const guests = { en, ja };
