import { Ear, Lock, Megaphone, Replace, Speech } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CALL_TEXT_FIELD } from "../../chat/CallText";
import { heardByWords, namesOf } from "../../hearing/sentences";
import type { Statement } from "../../hearing/statement";
import { useLiveStore } from "../../live/hooks";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Meter } from "../../ui/Meter";
import { shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import css from "./Guests.module.css";
import { useSaid } from "./desk/hooks";
import { type Guest, guestsOf } from "./desk/phase";

const ICONS = { taken: Replace, coaching: Speech, joined: Megaphone, listening: Ear };

export interface GuestsProps {
  call: CallView | undefined;
  own: LegView | undefined;
}

/** Who has come to this call and speaks to the agent: said at once, and for as long as it holds. */
export function Guests({ call, own }: GuestsProps) {
  return <div className={css["guests"]}>{call && own && <OnCall key={call.id} call={call} own={own} />}</div>;
}

/** While the server is silent nobody knows who is there, and nothing is said of it. */
function OnCall({ call, own }: { call: CallView; own: LegView }) {
  const said = useSaid(call);
  const guests = guestsOf(call, own);
  if (said.kind === "lost") return null;
  return (
    <>
      {guests.map((guest) => (
        <Banner key={`${guest.leg.id} ${guest.kind}`} guest={guest} call={call} said={said} />
      ))}
      <Farewell guests={guests} said={said} />
    </>
  );
}

type Said = Exclude<Statement, { kind: "lost" }>;

interface BannerProps {
  guest: Guest;
  call: CallView;
  said: Said;
}

function Banner({ guest: { leg, kind }, call, said }: BannerProps) {
  const { t } = useTranslation("agent");
  const { meters } = useLiveStore();
  const Icon = ICONS[kind];
  const name = shortName(leg.name);
  const [read] = useState(() => () => meters.track(call.id)?.legs.get(leg.id)?.level ?? 0);
  return (
    <section
      className={classes(css["banner"], css[kind === "taken" ? "joined" : kind])}
      role={kind === "listening" ? "status" : "alert"}
    >
      <span className={css["icon"]}>
        <Icon size={24} aria-hidden="true" />
      </span>
      <div>
        <div className={css["what"]}>{t(`guest.${kind}`, { name })}</div>
        <div className={css["hint"]}>
          <Hint kind={kind} name={name} call={call} said={said} />
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

/** Who hears the agent at this moment: it differs on hold, when muted, and with more than one on the call. */
function Hint({ kind, name, call, said }: Omit<BannerProps, "guest"> & { kind: Guest["kind"]; name: string }) {
  const { t } = useTranslation("agent");
  const { t: hearing } = useTranslation("hearing");
  const caller = shortName(call.caller.name);
  if (kind === "listening" || said.kind === "off") return null;
  if (kind === "taken") return t(call.agents_apart ? "guest.takenApart" : "guest.takenHear", { caller, name });
  const { sure } = said.heardBy;
  const callerHears = sure.some(({ role }) => role === "caller");
  const muted = said.plan.you?.muted ?? false;
  if (kind === "joined") {
    if (callerHears) return t("guest.both", { caller });
    return t(muted ? "guest.onlyGuest" : said.plan.held ? "guest.heldJoined" : "guest.onlyGuestHeard", {
      caller,
      name,
    });
  }
  if (sure.length === 0) return t(muted ? "guest.muted" : "guest.nobody");
  if (callerHears) {
    return (
      <>
        {t("guest.dont")}
        <b>{t("guest.callerHears")}</b>
      </>
    );
  }
  return t(said.plan.held ? "guest.held" : "guest.only", { names: namesOf(hearing, sure), count: sure.length });
}

/** Says politely, and only to those who don't see it, that somebody has gone. */
function Farewell({ guests, said }: { guests: readonly Guest[]; said: Said }) {
  const { t } = useTranslation("agent");
  const { t: hearing } = useTranslation("hearing");
  const [gone, setGone] = useState("");
  const known = useRef<readonly Guest[]>([]);
  useEffect(() => {
    const left = known.current.find((guest) => !guests.some(({ leg }) => leg.id === guest.leg.id));
    known.current = guests;
    if (left) setGone(shortName(left.leg.name));
    else if (guests.length > 0) setGone("");
  }, [guests]);
  const heard = said.kind === "here" ? heardByWords(hearing, said.heardBy) : hearing("nobodyHere");
  return (
    <span className="vh" role="status">
      {gone && t("guest.ended", { name: gone, heard })}
    </span>
  );
}
