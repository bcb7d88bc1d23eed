import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight, PhoneOutgoing, UserPlus, X } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { shortName } from "../../ui/names";
import { toast } from "../../ui/toasts";
import type { CallView } from "../../wire/generated";
import { mayBeNumber } from "./desk/number";
import panel from "./CallPanel.module.css";
import css from "./Dial.module.css";
import "./dialWords";
import "./notReachedWords";

/** A number that is called to the call: to transfer it there, or to talk with all; nothing where no number may be. */
export function OutsideCall({ call }: { call: CallView }) {
  const { t } = useTranslation("dial");
  const { api } = useSession();
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const { data } = useQuery({ queryKey: ["outbound"], queryFn: () => api.outboundRule(), staleTime: Infinity });
  const during = async (request: Promise<unknown>) => {
    setBusy(true);
    const done = await request.then(
      () => true,
      (error: Error) => {
        toast(error.message, "refused");
        return false;
      },
    );
    setBusy(false);
    if (done) setAsks(false);
  };
  const adding = call.adding;
  const caller = shortName(call.caller.name);
  if (adding && adding.progress !== "failed")
    return (
      <section className={panel["box"]} aria-label={t("outside.label")}>
        <p role="status">
          {t(adding.transfer ? "outside.transferring" : "outside.adding", { number: adding.number, caller })}
        </p>
        <div className={panel["buttons"]}>
          <Button isDisabled={busy} onPress={() => void during(api.stopDialingIn(call.id))}>
            <X size={15} aria-hidden="true" />
            {t("outside.takeBack")}
          </Button>
        </div>
      </section>
    );
  if (!data || data.prefixes.length === 0) return null;
  const failed = adding?.reason && <p role="status">{t(`notReached:${adding.reason}`, { number: adding.number })}</p>;
  return (
    <section className={panel["box"]} aria-label={t("outside.label")}>
      {failed}
      {asks ? (
        <Ask
          busy={busy}
          onCall={(number, transfer) => void during(api.dialIn(call.id, { number, transfer }))}
          onClose={() => setAsks(false)}
        />
      ) : (
        <Button onPress={() => setAsks(true)}>
          <PhoneOutgoing size={15} aria-hidden="true" />
          {t("outside.open")}
        </Button>
      )}
    </section>
  );
}

interface AskProps {
  busy: boolean;
  onCall: (number: string, transfer: boolean) => void;
  onClose: () => void;
}

function Ask({ busy, onCall, onClose }: AskProps) {
  const { t } = useTranslation("dial");
  const [number, setNumber] = useState("");
  const fits = mayBeNumber(number);
  const hint = useId();
  return (
    <>
      <div className={css["form"]}>
        <input
          type="tel"
          autoComplete="off"
          aria-label={t("label")}
          aria-describedby={hint}
          value={number}
          maxLength={40}
          onChange={(event) => setNumber(event.target.value)}
        />
        <Button aria-label={t("outside.close")} onPress={onClose}>
          <X size={15} aria-hidden="true" />
        </Button>
      </div>
      <p className="muted" id={hint}>
        {t("notInternational")}
      </p>
      <div className={panel["buttons"]}>
        <Button kind="primary" isDisabled={busy || !fits} onPress={() => onCall(number, true)}>
          <ArrowLeftRight size={15} aria-hidden="true" />
          {t("outside.transfer")}
        </Button>
        <Button isDisabled={busy || !fits} onPress={() => onCall(number, false)}>
          <UserPlus size={15} aria-hidden="true" />
          {t("outside.add")}
        </Button>
      </div>
    </>
  );
}
