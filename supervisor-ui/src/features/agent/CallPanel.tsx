import { ArrowLeftRight, Hand, LoaderCircle, Merge, PhoneOff, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { CallText } from "../../chat/CallText";
import { useKeySettings } from "../../keys/settings";
import { useLiveStore } from "../../live/hooks";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { clock, initials, shortName } from "../../ui/names";
import { lazily } from "../../ui/lazily";
import { toast } from "../../ui/toasts";
import type { CallView, ConsultationAction, HelpView, LegView } from "../../wire/generated";
import { CallKeys } from "./CallKeys";
import { Levels } from "./Levels";
import { useDucking } from "./desk/ducking";
import { useDesk, useDeskView, useQueueName, useSaid } from "./desk/hooks";
import { agentKeys, ariaKey } from "./desk/keys";
import { useLocalMeters } from "./desk/localMeters";
import { guestsOf, isConsulted } from "./desk/phase";
import css from "./CallPanel.module.css";

const outsideCall = lazily(() => import("./OutsideCall").then((m) => m.OutsideCall));

export interface CallPanelProps {
  call: CallView;
  own: LegView;
}

/** The call that the agent is on. */
export function CallPanel({ call, own }: CallPanelProps) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { here, pending } = useDeskView();
  const said = useSaid(call);
  const { map } = useKeySettings(agentKeys);
  useLocalMeters(call, own, here === call.id);
  useDucking(call, own);
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
      {!isConsulted(own) && <outsideCall.Part call={call} />}
      {call.help && <HelpRow help={call.help} call={call} own={own} />}
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
      {said.kind === "elsewhere" && pending !== "hangup" && (
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

interface ConsultationProps {
  call: CallView;
  own: LegView;
}

/** Who is asked to take the call or to join it, and what can be done meanwhile. Says who hears whom. */
function Consultation({ call, own }: ConsultationProps) {
  const { t } = useTranslation("agent");
  const { api } = useSession();
  const [busy, setBusy] = useState(false);
  const during = async (request: Promise<unknown>) => {
    setBusy(true);
    await request.catch((error: Error) => toast(error.message, "refused"));
    setBusy(false);
  };
  const act = (action: ConsultationAction) => void during(api.consult(call.id, action));
  const caller = shortName(call.caller.name);
  const { consultation } = call;
  if (isConsulted(own)) {
    const by = call.legs.find(({ id }) => id === own.consulted_by);
    return (
      <p className={css["box"]} role="status">
        {t("consultation.asked", { name: shortName(by?.name ?? ""), caller })}
      </p>
    );
  }
  if (consultation && consultation.by === own.id) {
    const talking = consultation.state === "talking";
    const name = shortName(consultation.with);
    return (
      <section className={css["box"]} aria-label={t("consultation.label")}>
        <p role="status">{t(talking ? "consultation.talking" : "consultation.ringing", { name, caller })}</p>
        <div className={css["buttons"]}>
          {talking && (
            <Button kind="primary" isDisabled={busy} onPress={() => act("transfer")}>
              <ArrowLeftRight size={15} aria-hidden="true" />
              {t("call.transfer")}
            </Button>
          )}
          {talking && (
            <Button isDisabled={busy} onPress={() => act("merge")}>
              <Merge size={15} aria-hidden="true" />
              {t("consultation.merge")}
            </Button>
          )}
          <Button isDisabled={busy} onPress={() => act("cancel")}>
            <X size={15} aria-hidden="true" />
            {t(talking ? "consultation.end" : "handover.takeBack")}
          </Button>
        </div>
      </section>
    );
  }
  const waiting = (call.handovers ?? []).find(({ from }) => from.user === own.user);
  return waiting ? (
    <section className={css["box"]} aria-label={t("consultation.label")}>
      <p role="status">
        <span className="spin">
          <LoaderCircle size={14} aria-hidden="true" />
        </span>
        {t("handover.waiting", { to: waiting.to_name })}
      </p>
      <div className={css["buttons"]}>
        <Button isDisabled={busy} onPress={() => void during(api.takeBackCall(call.id, waiting.id))}>
          <X size={15} aria-hidden="true" />
          {t("handover.takeBack")}
        </Button>
      </div>
    </section>
  ) : null;
}

/** The open request: whose it is, since when, and who has taken it up. */
function HelpRow({ help, call, own }: { help: HelpView; call: CallView; own: LegView }) {
  const { t } = useTranslation("agent");
  const mine = help.leg === own.id;
  const asker = shortName(call.legs.find(({ id }) => id === help.leg)?.name ?? "");
  const asked = mine ? t("help.asked") : t("help.askedBy", { name: asker });
  const desk = useDesk();
  const store = useLiveStore();
  const age = useTicking(() => clock(store.serverNow() - help.requested_at));
  return (
    <section className={css["row"]} aria-label={asked}>
      <Hand size={16} aria-hidden="true" />
      <div>
        <p role="status">{help.taken_by ? t("help.taken", { name: shortName(help.taken_by.name) }) : asked}</p>
        {help.reason && <p className={css["reason"]}>“{help.reason}”</p>}
      </div>
      <span>{age}</span>
      {mine && (
        <Button size="small" className={css["withdraw"]} onPress={() => void desk.withdrawHelp()}>
          {t("help.withdraw")}
        </Button>
      )}
    </section>
  );
}
