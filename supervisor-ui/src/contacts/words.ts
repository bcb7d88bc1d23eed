import { addWords, type Translated } from "../i18n";

const en = {
  title: "Other contacts of this customer",
  count: "Other contacts: {{count}}",
  nobody: "Nothing identifies this customer, so their other contacts can’t be found.",
  none: "No other contacts that you can see.",
  by: {
    number: "Found by the phone number, which nobody has verified.",
    channel: "Found by the customer’s ID on this channel.",
    account: "Found by the customer’s account.",
    visitor: "Found by the customer’s browser, which others may use too.",
  },
  kind: { call: "Call", conversation: "Chat" },
  running: "in progress",
  unanswered: "not answered",
  failed: "Other contacts could not be loaded.",
};

const ja: Translated<typeof en> = {
  title: "このお客様のほかの対応",
  count: "ほかの対応：{{count}}件",
  nobody: "お客様を特定できる情報がないため、ほかの対応を表示できません。",
  none: "表示できるほかの対応はありません。",
  by: {
    number: "電話番号で照合しています（本人確認はされていません）。",
    channel: "このチャネルでのお客様のIDで照合しています。",
    account: "お客様のアカウントで照合しています。",
    visitor: "お客様のブラウザーで照合しています（ほかの方と共用の場合があります）。",
  },
  kind: { call: "通話", conversation: "チャット" },
  running: "対応中",
  unanswered: "応答なし",
  failed: "ほかの対応を読み込めませんでした。",
};

addWords("contacts", en, ja);
