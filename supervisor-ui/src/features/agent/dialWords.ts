import { addWords, type Translated } from "../../i18n";

const en = {
  title: "Call a number",
  label: "Number",
  hint: "With the country code: {{prefixes}}",
  call: "Call",
  refused: "Not called: {{detail}}",
  notInternational: "Begin with + and the country code, or with * for a service code.",
  progress: {
    calling: "Calling…",
    ringing: "Ringing…",
    taken: "Connected",
  },
  hears: "Nobody hears you yet.",
  cancel: "Hang up",
  outside: {
    label: "Call a number to this call",
    open: "Transfer to a number…",
    transfer: "Transfer",
    add: "Add to the call",
    close: "Close",
    takeBack: "Cancel",
    transferring: "Calling {{number}}. Once they answer, {{caller}} talks with them and you leave the call.",
    adding: "Calling {{number}}. Once they answer, they join the call.",
  },
};

const ja: Translated<typeof en> = {
  title: "番号に発信",
  label: "電話番号",
  hint: "国番号から入力：{{prefixes}}",
  call: "発信",
  refused: "発信できませんでした：{{detail}}",
  notInternational: "+と国番号、またはサービスコードの*から入力してください。",
  progress: {
    calling: "発信中…",
    ringing: "呼び出し中…",
    taken: "つながりました",
  },
  hears: "まだ誰にも聞こえません。",
  cancel: "電話を切る",
  outside: {
    label: "この通話に番号を呼び出す",
    open: "番号へ転送…",
    transfer: "転送",
    add: "通話に追加",
    close: "閉じる",
    takeBack: "取り消す",
    transferring: "{{number}}を呼び出しています。応答すると{{caller}}さんとつながり、あなたは通話を離れます。",
    adding: "{{number}}を呼び出しています。応答すると通話に参加します。",
  },
};

addWords("dial", en, ja);
