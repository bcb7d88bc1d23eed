import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Channel } from "../../../chat/Channel";
import { useLiveStore } from "../../../live/hooks";
import { useText } from "../../../live/text/hooks";
import { useTicking } from "../../../shell/useNow";
import { Button } from "../../../ui/Button";
import { clock } from "../../../ui/names";
import type { ConversationView } from "../../../wire/generated";
import { useQueueName } from "../hooks";
import { useOfferActions } from "./actions";
import css from "./Conversations.module.css";

/** What waits in the queues from which agents pick themselves. */
export function PullList() {
  const { t } = useTranslation("agent");
  const waiting = useText((state) => state.waiting);
  if (waiting.length === 0) return null;
  return (
    <section className={css["pull"]} aria-labelledby="waiting">
      <h2 id="waiting">{t("text.waiting")}<span className={css["count"]}>{waiting.length}</span></h2>
      <ul>{waiting.map((view) => <Entry key={view.id} view={view} />)}</ul>
    </section>
  );
}

function Entry({ view }: { view: ConversationView }) {
  const { t } = useTranslation("agent");
  const store = useLiveStore();
  const { pick } = useOfferActions();
  const [busy, setBusy] = useState(false);
  const queue = useQueueName(view.queue);
  const waited = useTicking(() => clock(store.serverNow() - view.opened_at));
  const { name } = view.requester;
  const take = () => {
    setBusy(true);
    void pick(view).finally(() => setBusy(false));
  };
  return (
    <li>
      <Channel channel={view.channel} />
      <span>{[name, view.subject].filter(Boolean).join(" · ")}</span>
      <span>{queue}</span>
      <span>{waited}</span>
      <Button size="small" isDisabled={busy} aria-label={t("text.pickName", { name })} onPress={take}>{t("text.pick")}</Button>
    </li>
  );
}
