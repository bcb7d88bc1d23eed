import { Headset, MicOff, Phone, WifiOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { toneOf } from "../../../hearing/plan";
import { useLive } from "../../../live/hooks";
import type { CallView, LegView } from "../../../wire/generated";
import { coachedAgent, supervisorsOf } from "../model/call";
import { Elapsed } from "../parts/Parts";
import { useMetered } from "../model/talk";
import css from "./People.module.css";

/** Everybody on the call, and since when they are what they are. */
export function People({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const connected = useLive((state) => state.connection.kind === "live");
  // Without a connection the user is off every call, whatever the last message said.
  const legs = call.legs.filter((leg) => connected || leg.user !== me);
  return (
    <section className={css["people"]} aria-label={t("people.title")}>
      <h3>{t("people.title")}</h3>
      <ul>
        {legs.map((leg) => (
          <Person key={leg.id} call={call} leg={leg} />
        ))}
      </ul>
      {supervisorsOf(call).length > 1 && <p className="muted">{t("people.whispersShared")}</p>}
    </section>
  );
}

function Person({ call, leg }: { call: CallView; leg: LegView }) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const speaking = useMetered(call.id, (track) => track?.legs.get(leg.id)?.speaking ?? false);
  const Icon = leg.mode ? MODE_ICONS[leg.mode] : leg.role === "agent" ? Headset : Phone;
  const role = leg.mode
    ? t(`people.supervisor.${leg.mode}`, { agent: coachedAgent(call, leg.coach) })
    : t(leg.role === "agent" ? "people.agent" : "people.caller");
  return (
    <li data-role={leg.mode ? toneOf(leg.mode) : leg.role} data-speaking={speaking}>
      <Icon size={16} aria-hidden="true" />
      <b>{leg.user === me ? t("people.you", { name: leg.name }) : leg.name}</b>
      <span className={css["role"]}>{role}</span>
      {leg.muted && (
        <span className={css["flag"]}>
          <MicOff size={13} aria-hidden="true" />
          {t("people.muted")}
        </span>
      )}
      {leg.lost && (
        <span className={css["flag"]}>
          <WifiOff size={13} aria-hidden="true" />
          {t("people.lost")}
        </span>
      )}
      <span className={css["time"]}>
        <Elapsed from={leg.mode_since ?? leg.joined_at} />
      </span>
    </li>
  );
}
