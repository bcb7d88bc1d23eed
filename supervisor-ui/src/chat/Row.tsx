import { useTextTools } from "../live/hooks";
import { deliveryOf } from "../live/text/select";
import type { ConversationView } from "../wire/generated";
import type { Item } from "./items";
import { MessageBubble, NoticeLine, OutgoingBubble } from "./Bubbles";

/** One row of a conversation's timeline. */
export function Row({ item, view, me }: { item: Item; view: ConversationView; me: string }) {
  const { api, link } = useTextTools();
  const thread = { kind: "conversation" as const, id: view.id };
  switch (item.kind) {
    case "notice":
      return <NoticeLine notice={item.notice} view={view} me={me} />;
    case "outgoing": {
      const { outgoing } = item;
      return (
        <OutgoingBubble
          message={outgoing}
          onRetry={() => link.retry(thread, outgoing)}
          onDiscard={() => link.discard(thread, outgoing.clientId)}
        />
      );
    }
    case "message": {
      const { message } = item;
      const own = message.author.user === me;
      // What the agents say to the customer stands on one side, whoever reads it.
      const agents = message.part === "agent" && message.public !== undefined;
      return (
        <MessageBubble
          message={message}
          own={own}
          out={own || agents}
          delivery={own ? deliveryOf(view, message) : null}
          attachmentHref={({ id }) => api.attachmentUrl(view.id, id)}
        />
      );
    }
  }
}
