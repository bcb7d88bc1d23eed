import { useTranslation } from "react-i18next";
import { sentenceOf } from "../../../chat/notice";
import { useLiveStore, useText } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { Button } from "../../../ui/Button";
import type { ConversationView } from "../../../wire/generated";
import css from "./Conversations.module.css";

/** Instead of the composer, once it is over or the agent has left: why, and the way to put it away. */
export function Closed({ view }: { view: ConversationView }) {
  const { t } = useTranslation("agent");
  const { t: chat } = useTranslation("chat");
  const { user } = useSession();
  const { act } = useLiveStore();
  const notices = useText((state) => state.notices.get(view.id));
  const why =
    notices?.findLast(({ kind }) => kind === "transferred") ??
    notices?.findLast(({ kind }) => kind === "ended" || kind === "left");
  return (
    <footer className={css["closed"]}>
      <p role="status">{why ? sentenceOf(chat, why, view, user.id) : t("text.isOver")}</p>
      <Button kind="primary" onPress={() => act({ type: "put_away", conversation: view.id })}>
        {t("text.putAway")}
      </Button>
    </footer>
  );
}
