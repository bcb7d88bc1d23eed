import { Ear, Lock, Megaphone, Speech } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CALL_TEXT_FIELD } from "../../chat/CallText";
import { useLiveStore } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Meter } from "../../ui/Meter";
import { shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import css from "./Guests.module.css";
import { useDeskView } from "./desk/hooks";
import { type Guest, guestsOf } from "./desk/phase";

const ICONS = { coaching: Speech, joined: Megaphone, listening: Ear };

export interface GuestsProps {
  call: CallView | undefined;
  own: LegView | undefined;
}

/** Who has come to this call and speaks to the agent: said at once, and for as long as it holds. */
export function Guests({ call, own }: GuestsProps) {
  const guests = call && own ? guestsOf(call, own) : [];
  return (
    <div className={css["guests"]}>
      {call &&
        own &&
        guests.map((guest) => <Banner key={`${guest.leg.id} ${guest.kind}`} guest={guest} call={call} own={own} />)}
      <Farewell guests={guests} />
    </div>
  );
}

interface BannerProps {
  guest: Guest;
  call: CallView;
  own: LegView;
}

function Banner({ guest: { leg, kind }, call, own }: BannerProps) {
  const { t } = useTranslation("agent");
  const { meters } = useLiveStore();
  const Icon = ICONS[kind];
  const name = shortName(leg.name);
  const [read] = useState(() => () => meters.track(call.id)?.legs.get(leg.id)?.level ?? 0);
  return (
    <section className={classes(css["banner"], css[kind])} role={kind === "listening" ? "status" : "alert"}>
      <span className={css["icon"]}>
        <Icon size={24} aria-hidden="true" />
      </span>
      <div>
        <div className={css["what"]}>{t(`guest.${kind}`, { name })}</div>
        <div className={css["hint"]}>
          <Hint kind={kind} name={name} call={call} own={own} />
        </div>
      </div>
      {kind !== "listening" && (
        <span className={css["voice"]}>
          <span aria-hidden="true">{t("guest.voice", { name })}</span>
          <Meter read={read} label={t("guest.level", { name })} className={css["meter"]} />
        </span>
      )}
      {kind === "coaching" && (
        <Button className={css["reply"]} onPress={() => document.getElementById(CALL_TEXT_FIELD)?.focus()}>
          <Lock size={15} aria-hidden="true" />
          {t("guest.reply")}
        </Button>
      )}
    </section>
  );
}

/** Who hears the agent at this moment: it differs on hold and when muted. */
function Hint({ kind, name, call, own }: { kind: Guest["kind"]; name: string; call: CallView; own: LegView }) {
  const { t } = useTranslation("agent");
  const muted = useDeskView().muted || own.muted;
  const caller = shortName(call.caller.name);
  if (kind === "listening") return null;
  if (kind === "joined")
    return t(call.held ? "guest.heldJoined" : muted ? "guest.onlyGuest" : "guest.both", { caller, name });
  if (muted) return t("guest.muted");
  if (call.held) return t("guest.held", { name });
  return (
    <>
      {t("guest.dont")}
      <b>{t("guest.callerHears")}</b>
    </>
  );
}

/** Says politely, and only to those who don't see it, that somebody has gone. */
function Farewell({ guests }: { guests: readonly Guest[] }) {
  const { t } = useTranslation("agent");
  const [said, say] = useState("");
  const known = useRef<readonly Guest[]>([]);
  useEffect(() => {
    const gone = known.current.find((guest) => !guests.some(({ leg }) => leg.id === guest.leg.id));
    known.current = guests;
    if (gone) say(t("guest.ended", { name: shortName(gone.leg.name) }));
    else if (guests.length > 0) say("");
  }, [guests, t]);
  return (
    <span className="vh" role="status">
      {said}
    </span>
  );
}
