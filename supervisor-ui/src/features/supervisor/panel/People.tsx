import type { ReactNode } from "react";
import { Headset, MicOff, Phone, WifiOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { toneOf } from "../../../hearing/plan";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { shortName } from "../../../ui/names";
import type { CallView, LegView } from "../../../wire/generated";
import { agentsOf, coachedAgent, ownLeg, supervisorsOf } from "../model/call";
import type { Availability } from "../supervision/availability";
import { useSupervisions } from "../supervision/hooks";
import { Elapsed } from "../parts/Parts";
import { useMetered } from "../model/talk";
import css from "./People.module.css";

export interface PeopleProps {
  call: CallView;
  /** Whether the user may whisper here. */
  whisper: Availability;
}

/** Everybody on the call, and since when they are what they are; of several agents, whom to whisper to. */
export function People({ call, whisper }: PeopleProps) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const connected = useLive((state) => state.connection.kind === "live");
  // Without a connection the user is off every call, whatever the last message said.
  const coaches = agentsOf(call).length > 1 && whisper === "yes";
  const legs = call.legs.filter((leg) => connected || leg.user !== me);
  return (
    <section className={css["people"]} aria-label={t("people.title")}>
      <h3>{t("people.title")}</h3>
      <ul>
        {legs.map((leg) => (
          <Person key={leg.id} call={call} leg={leg}>
            {coaches && leg.role === "agent" && <Coach call={call} agent={leg} />}
          </Person>
        ))}
      </ul>
      {supervisorsOf(call).length > 1 && <p className="muted">{t("people.whispersShared")}</p>}
    </section>
  );
}

/** Whispers to this agent of several. */
function Coach({ call, agent }: { call: CallView; agent: LegView }) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const own = ownLeg(call);
  const isCoached = own?.mode === "whisper" && own.coach === agent.id;
  return (
    <span className={css["coach"]}>
      <Button
        size="small"
        isDisabled={isCoached}
        aria-label={t("people.whisperTo", { agent: shortName(agent.name) })}
        onPress={() => void calls.speak("whisper", agent.id)}
      >
        <MODE_ICONS.whisper size={14} aria-hidden="true" />
        {t(isCoached ? "people.whispered" : "people.whisper")}
      </Button>
    </span>
  );
}

function Person({ call, leg, children }: { call: CallView; leg: LegView; children: ReactNode }) {
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
      {children}
      <span className={css["time"]}>
        <Elapsed from={leg.mode_since ?? leg.joined_at} />
      </span>
    </li>
  );
}
