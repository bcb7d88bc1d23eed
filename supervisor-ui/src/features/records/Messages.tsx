import { useTranslation } from "react-i18next";
import { API_ROOT } from "../../api/http";
import { MessageBubble } from "../../chat/MessageBubble";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import type { InteractionDetail } from "../../wire/generated";
import { useMessages } from "./hooks";
import css from "./Records.module.css";

/** What was written. Private messages stand on yellow, as they did. */
export function Messages({ detail: { interaction, messages } }: { detail: InteractionDetail }) {
  const { t } = useTranslation("records");
  const { user } = useSession();
  const { all, hasOlder, loadOlder, loading } = useMessages(interaction.id, messages);
  const attachmentHref = ({ id }: { id: string }) => `${API_ROOT}/conversations/${interaction.id}/attachments/${id}`;
  const none = interaction.ended_at === undefined ? "listenIn" : "noMessages";
  return (
    <section className={css["section"]} aria-labelledby={`${interaction.id}-messages`}>
      <h3 id={`${interaction.id}-messages`}>{t("messages")}</h3>
      {hasOlder && (
        <Button size="small" onPress={loadOlder} isDisabled={loading}>
          {t("older")}
        </Button>
      )}
      {all.length === 0 && <p className="muted">{t(none)}</p>}
      <ol className={css["messages"]}>
        {all.map((message) => (
          <li key={message.number}>
            <MessageBubble
              message={message}
              own={message.author.user === user.id}
              out={message.part !== "requester"}
              delivery={null}
              attachmentHref={attachmentHref}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}
