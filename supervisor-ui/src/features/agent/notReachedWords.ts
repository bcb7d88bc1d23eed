import { addWords, type Translated } from "../../i18n";

/** Why nobody took a call that the agent made, by the server's word for it. */
const en = {
  busy: "{{number}} is busy.",
  declined: "{{number}} declined the call.",
  no_answer: "{{number}} didn’t answer.",
  no_such_number: "There’s no such number: {{number}}.",
  trunk_refused: "The telephone network didn’t let the call to {{number}} through. Tell an administrator.",
  no_common_codec: "The call to {{number}} failed: the other side has no audio format in common with us.",
  trunk_failed: "The call to {{number}} failed in the telephone network. Try again in a moment.",
};

const ja: Translated<typeof en> = {
  busy: "{{number}}は話し中です。",
  declined: "{{number}}は着信を拒否しました。",
  no_answer: "{{number}}は応答しませんでした。",
  no_such_number: "{{number}}という番号は使われていません。",
  trunk_refused: "電話網が{{number}}への発信を許可しませんでした。管理者に知らせてください。",
  no_common_codec: "{{number}}への発信に失敗しました。相手と音声方式が一致しません。",
  trunk_failed: "{{number}}への発信は電話網で失敗しました。少し待ってから、もう一度お試しください。",
};

addWords("notReached", en, ja);
