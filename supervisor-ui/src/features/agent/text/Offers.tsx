import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Channel, useChannelName } from "../../../chat/Channel";
import { useLive, useLiveStore, useText } from "../../../live/hooks";
import { useTicking } from "../../../browser/ticking";
import { Button } from "../../../ui/Button";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import type { ConversationOffer } from "../../../wire/generated";
import { usePhase, useQueueName } from "../desk/hooks";
import { agentKeys, ariaKey } from "../desk/keys";
import { useOfferActions } from "./actions";
import css from "./Conversations.module.css";

/** What is offered to this agent; the first one answers to the shortcuts while no call rings. */
export function Offers() {
  const offers = useText((state) => state.offers);
  const rings = usePhase().kind === "ringing";
  return offers.map((offer, index) => (
    <OfferCard
      key={`${offer.conversation.id} ${offer.handover?.id ?? ""} ${offer.expires_at}`}
      offer={offer}
      byKey={index === 0 && !rings}
    />
  ));
}

function OfferCard({ offer, byKey }: { offer: ConversationOffer; byKey: boolean }) {
  const { t } = useTranslation("agent");
  const { accept, decline } = useOfferActions();
  const { map } = useKeySettings(agentKeys);
  const [busy, setBusy] = useState(false);
  const live = useLive((state) => state.connection.kind === "live");
  const { conversation, handover } = offer;
  const queue = useQueueName(conversation.queue);
  const channel = useChannelName(conversation.channel);
  const customer = conversation.requester.name;
  const title = handover
    ? t(`handover.offer.${handover.kind}`, { from: handover.from.name })
    : t("text.offer", { channel });
  const about = [customer, queue, conversation.subject].filter(Boolean).join(" · ");
  const during = (request: Promise<unknown>) => {
    setBusy(true);
    void request.finally(() => setBusy(false));
  };
  return (
    <section className={css["offer"]} aria-label={title}>
      <p className="vh" role="alert">
        {byKey ? t("text.offerAnnounce", { title, about, keys: capOf(map.accept) }) : `${title}: ${about}`}
      </p>
      <span className={css["icon"]}>
        <Channel channel={conversation.channel} size={18} />
      </span>
      <h2>{title}</h2>
      <p>{about}</p>
      {handover?.note && <p className={css["note"]}>“{handover.note}”</p>}
      <span className={css["buttons"]}>
        <Left expiresAt={offer.expires_at} />
        <Button
          isDisabled={!live || busy}
          aria-keyshortcuts={byKey ? ariaKey(map.decline) : undefined}
          onPress={() => during(decline(offer))}
        >
          {t("ring.decline")}
        </Button>
        <Button
          kind="ok"
          isDisabled={!live || busy}
          aria-keyshortcuts={byKey ? ariaKey(map.accept) : undefined}
          onPress={() => during(accept(offer))}
        >
          {t("text.accept")}
        </Button>
      </span>
      <Countdown expiresAt={offer.expires_at} />
    </section>
  );
}

function Left({ expiresAt }: { expiresAt: number }) {
  const { t } = useTranslation("agent");
  const store = useLiveStore();
  const seconds = useTicking(() => Math.max(0, Math.ceil((expiresAt - store.serverNow()) / 1000)));
  return (
    <span className={css["left"]} role="timer" aria-live="off" aria-label={t("ring.leftLabel", { seconds })}>
      {t("text.seconds", { seconds })}
    </span>
  );
}

function Countdown({ expiresAt }: { expiresAt: number }) {
  const store = useLiveStore();
  const [whole] = useState(() => Math.max(1, expiresAt - store.serverNow()));
  const share = useTicking(() => Math.round((100 * Math.max(0, expiresAt - store.serverNow())) / whole));
  return (
    <div className={css["countdown"]} aria-hidden="true">
      <i style={{ width: `${share}%` }} />
    </div>
  );
}
