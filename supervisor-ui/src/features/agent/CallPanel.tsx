import { PhoneOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CallText } from "../../chat/CallText";
import { useKeySettings } from "../../keys/settings";
import { useLiveStore } from "../../live/hooks";
import { useTicking } from "../../browser/ticking";
import { Button } from "../../ui/Button";
import { clock, initials, shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import css from "./CallPanel.module.css";
import { CallKeys } from "./CallKeys";
import { Consultation } from "./Consultation";
import { HelpRow } from "./Help";
import { useDesk, useDeskView, useQueueName } from "./hooks";
import { agentKeys, ariaKey } from "./keys";
import { Levels } from "./Levels";
import { useLocalMeters } from "./localMeters";
import { guestsOf, isConsulted } from "./phase";

export interface CallPanelProps {
  call: CallView;
  own: LegView;
}

/** The call that the agent is on. */
export function CallPanel({ call, own }: CallPanelProps) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { here, pending } = useDeskView();
  const { map } = useKeySettings(agentKeys);
  useLocalMeters(call, own, here === call.id);
  const guests = guestsOf(call, own).filter(({ kind }) => kind !== "listening");
  const coach = guests.length === 1 ? guests[0] : undefined;
  const { name, number } = call.caller;
  const queue = useQueueName(call.queue);
  const about = [number === name ? null : number, queue].filter(Boolean).join(" · ");
  return (
    <>
      <header className={css["caller"]}>
        <span className={css["avatar"]} aria-hidden="true">
          {initials(name)}
        </span>
        <h2>{name}</h2>
        <span className="muted">{about}</span>
        <Timer call={call} />
      </header>
      <Levels call={call} own={own} />
      <CallKeys call={call} own={own} />
      <Consultation call={call} own={own} />
      {call.help && <HelpRow help={call.help} />}
      <Button
        kind="danger"
        size="large"
        className={css["hangUp"]}
        aria-keyshortcuts={ariaKey(map.hangup)}
        isDisabled={pending === "hangup"}
        onPress={() => void desk.hangUp()}
      >
        <PhoneOff size={18} aria-hidden="true" />
        {t("call.hangUp")}
      </Button>
      {!isConsulted(own) && (
        <CallText
          call={call}
          me={own.user}
          onHelp={(reason) => void desk.askForHelp(reason ?? "")}
          {...(coach && { to: shortName(coach.leg.name) })}
        />
      )}
      {here !== call.id && pending !== "hangup" && (
        <p className={css["elsewhere"]} role="status">
          {t("call.elsewhere")}
        </p>
      )}
    </>
  );
}

function Timer({ call }: { call: CallView }) {
  const store = useLiveStore();
  const time = useTicking(() => clock(store.serverNow() - (call.answered_at ?? call.placed_at)));
  return (
    <span className={css["timer"]} role="timer" aria-live="off">
      {time}
    </span>
  );
}
