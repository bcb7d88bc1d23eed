import { addProblems } from "../../api/problems";

addProblems(
  {
    "wrong-password": "That isn’t your present password.",
    "ends-work": "A new password signs you out, so finish your calls and conversations and stop supervising first.",
  },
  {
    "wrong-password": "現在のパスワードが違います。",
    "ends-work": "パスワードを変更するとサインアウトされます。通話、会話、モニタリングを終了してからお試しください。",
  },
  [],
);
