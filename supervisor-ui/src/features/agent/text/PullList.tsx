import { Users } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Channel } from "../../../chat/Channel";
import { useLive, useLiveStore, useText } from "../../../live/hooks";
import { agentsIn } from "../../../live/text/select";
import { useTicking } from "../../../browser/ticking";
import { Button } from "../../../ui/Button";
import { clock } from "../../../ui/names";
import type { ConversationView } from "../../../wire/generated";
import { useQueueName } from "../desk/hooks";
import { useOfferActions } from "./actions";
import css from "./Conversations.module.css";

/** The queues from which agents pick themselves: what waits for somebody, then where one can join in. */
export function PullList() {
  const { t } = useTranslation("agent");
  const all = useText((state) => state.waiting);
  return (
    <>
      <List title={t("text.waiting")} views={all.filter((view) => agentsIn(view).length === 0)} />
      <List title={t("text.joinable")} views={all.filter((view) => agentsIn(view).length > 0)} />
    </>
  );
}

function List({ title, views }: { title: string; views: readonly ConversationView[] }) {
  const id = useId();
  if (views.length === 0) return null;
  return (
    <section className={css["pull"]} aria-labelledby={id}>
      <h2 id={id}>
        {title} <span className={css["count"]}>{views.length}</span>
      </h2>
      <ul>
        {views.map((view) => (
          <Entry key={view.id} view={view} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ view }: { view: ConversationView }) {
  const { t } = useTranslation("agent");
  const store = useLiveStore();
  const live = useLive((state) => state.connection.kind === "live");
  const { pick } = useOfferActions();
  const [busy, setBusy] = useState(false);
  const queue = useQueueName(view.queue);
  const age = useTicking(() => clock(store.serverNow() - view.opened_at));
  const { name } = view.requester;
  const agents = agentsIn(view)
    .map((agent) => agent.name)
    .join(", ");
  const take = () => {
    setBusy(true);
    void pick(view).finally(() => setBusy(false));
  };
  return (
    <li>
      <Channel channel={view.channel} />
      <span className={css["waits"]}>
        <span title={view.subject}>
          <b>{name}</b>
          {view.subject && ` · ${view.subject}`}
        </span>
        {agents && (
          <small>
            <Users size={12} aria-hidden="true" />
            {t("text.isWith", { name: agents })}
          </small>
        )}
      </span>
      <span>{queue}</span>
      <span className={css["age"]}>{age}</span>
      <Button
        size="small"
        isDisabled={busy || !live}
        aria-label={t(agents ? "text.joinName" : "text.pickName", { name })}
        onPress={take}
      >
        {t(agents ? "text.join" : "text.pick")}
      </Button>
    </li>
  );
}
