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
};

addWords("dial", en, ja);
