import { addWords, type Translated } from "../../i18n";

const en = {
  about:
    "Trunks and lines are set in the server’s configuration file. Those that calls go out by are " +
    "checked regularly.",
  trunks: "Trunks",
  lines: "Lines",
  name: "Name",
  state: "State",
  since: "Since",
  answered: "Last answer",
  until: "Registered until",
  none: "None configured.",
  silent: "no answer",
  states: {
    not_asked: "Not checked: no calls go out by it",
    unknown: "Checked, no answer yet",
    up: "Up",
    down: "Down",
  },
};

const ja: Translated<typeof en> = {
  about:
    "トランクと回線はサーバーの設定ファイルで指定します。発信に使うトランクには、応答するかどうかを定期的に確認します。",
  trunks: "トランク",
  lines: "回線",
  name: "名前",
  state: "状態",
  since: "開始",
  answered: "最後の応答",
  until: "登録の期限",
  none: "設定されていません。",
  silent: "応答なし",
  states: {
    not_asked: "確認なし（発信に使われていません）",
    unknown: "確認中（応答待ち）",
    up: "稼働中",
    down: "停止",
  },
};

addWords("telephony", en, ja);
