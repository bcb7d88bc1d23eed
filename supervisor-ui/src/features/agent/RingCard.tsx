import { Phone, PhoneIncoming, Volume2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useLive, useLiveStore } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { useTicking } from "../../browser/ticking";
import { Button } from "../../ui/Button";
import { clock, initials } from "../../ui/names";
import type { Offer } from "../../wire/generated";
import { useDeskTools, useDeskView, useQueueName } from "./desk/hooks";
import { agentKeys, ariaKey } from "./desk/keys";
import css from "./RingCard.module.css";

/** A call that rings at this agent. */
export function RingCard({ offer }: { offer: Offer }) {
  const { t } = useTranslation("agent");
  const { desk } = useDeskTools();
  const { pending } = useDeskView();
  const { map } = useKeySettings(agentKeys);
  const live = useLive((state) => state.connection.kind === "live");
  const store = useLiveStore();
  const { caller, queue, placed_at } = offer.call;
  const queueName = useQueueName(queue);
  const since = offer.handover?.requested_at ?? placed_at;
  const waited = useTicking(() => clock(store.serverNow() - since));
  const keys = { accept: capOf(map.accept), decline: capOf(map.decline) };
  return (
    <section className={css["ring"]} aria-labelledby="ringing">
      <p className="vh" role="alert">
        {t("ring.announce", { name: caller.name, keys: keys.accept })}
      </p>
      <h2 className={css["title"]} id="ringing">
        <PhoneIncoming size={18} aria-hidden="true" className={css["pulse"]} />
        {offer.handover
          ? t(`handover.offer.${offer.handover.kind}`, { from: offer.handover.from.name })
          : t("ring.title")}
      </h2>
      <div className={css["who"]}>
        <span className={css["avatar"]} aria-hidden="true">
          {initials(caller.name)}
        </span>
        <p className={css["name"]}>{caller.name}</p>
        {caller.number && caller.number !== caller.name && <span className="muted">{caller.number}</span>}
      </div>
      <dl className={css["facts"]}>
        {queueName && (
          <>
            <dt>{t("ring.queue")}</dt>
            <dd>{queueName}</dd>
          </>
        )}
        <dt>{t("ring.waited")}</dt>
        <dd>{waited}</dd>
        {offer.call.caller_source === "network" && (
          <>
            <dt>{t("ring.source")}</dt>
            <dd>{t("ring.network")}</dd>
          </>
        )}
      </dl>
      {offer.handover?.note && <p className={css["note"]}>“{offer.handover.note}”</p>}
      <Countdown expiresAt={offer.expires_at} last={isForOne(offer)} key={offer.call.id} />
      <div className={css["buttons"]}>
        <Button
          size="large"
          aria-keyshortcuts={ariaKey(map.decline)}
          isDisabled={!live || pending !== null}
          onPress={() => void desk.decline()}
        >
          {t("ring.decline")}
        </Button>
        <Button
          size="large"
          kind="ok"
          aria-keyshortcuts={ariaKey(map.accept)}
          isDisabled={!live || pending !== null}
          onPress={() => void desk.accept()}
        >
          <Phone size={18} aria-hidden="true" />
          {t(pending === "accept" ? "ring.accepting" : "ring.accept")}
        </Button>
      </div>
      <p className={css["small"]}>{t("ring.keys", keys)}</p>
      <SilentPage />
    </section>
  );
}

/** A request to this agent alone, or a call placed straight to them: it goes to nobody else. */
export function isForOne({ call, handover }: Offer): boolean {
  return handover ? "agent" in handover.to : call.queue === undefined;
}

function Countdown({ expiresAt, last }: { expiresAt: number; last: boolean }) {
  const { t } = useTranslation("agent");
  const store = useLiveStore();
  const [whole] = useState(() => Math.max(1, expiresAt - store.serverNow()));
  const left = useTicking(() => Math.max(0, Math.ceil((expiresAt - store.serverNow()) / 1000)));
  const share = useTicking(() => Math.round((100 * Math.max(0, expiresAt - store.serverNow())) / whole));
  return (
    <div>
      <div className={css["countdown"]} role="img" aria-label={t("ring.leftLabel", { seconds: left })}>
        <i style={{ width: `${share}%` }} />
      </div>
      <p className={css["small"]}>{t(last ? "ring.leftLabel" : "ring.left", { seconds: left })}</p>
    </div>
  );
}

/** After a reload nobody has clicked yet, and the browser lets the page make no sound. */
function SilentPage() {
  const { t } = useTranslation("agent");
  const { ringer } = useDeskTools();
  const station = useStation();
  const silent = useTicking(() => ringer.silent);
  if (!silent) return null;
  const unlock = () => {
    ringer.unlock();
    station.unlock();
  };
  return (
    <p className={css["silent"]}>
      {t("ring.silent")}
      <Button size="small" onPress={unlock}>
        <Volume2 size={15} aria-hidden="true" />
        {t("ring.sound")}
      </Button>
    </p>
  );
}
