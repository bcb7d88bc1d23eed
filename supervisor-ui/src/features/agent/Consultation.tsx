import { ArrowLeftRight, LoaderCircle, Merge, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { shortName } from "../../ui/names";
import { toast } from "../../ui/toasts";
import type { CallView, ConsultationAction, LegView } from "../../wire/generated";
import css from "./Consultation.module.css";
import { isConsulted } from "./phase";

interface ConsultationProps {
  call: CallView;
  own: LegView;
}

/** Who is asked to take the call or to join it, and what can be done meanwhile. Says who hears whom. */
export function Consultation({ call, own }: ConsultationProps) {
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
