import { useQuery } from "@tanstack/react-query";
import { Phone, PhoneOff, PhoneOutgoing } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useLive, useLiveStore } from "../../live/hooks";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { clock } from "../../ui/names";
import type { CallView } from "../../wire/generated";
import { useDesk, useDeskView } from "./desk/hooks";
import { mayBeNumber } from "./desk/number";
import panel from "./CallPanel.module.css";
import css from "./Dial.module.css";
import frame from "./Softphone.module.css";
import "./dialWords";

/** A field for a number to be called; nothing where no number may be. */
export function Dial() {
  const { t } = useTranslation("dial");
  const { api } = useSession();
  const desk = useDesk();
  const { pending } = useDeskView();
  const live = useLive((state) => state.connection.kind === "live");
  const [number, setNumber] = useState("");
  const [wrong, setWrong] = useState(false);
  const field = useId();
  const { data } = useQuery({ queryKey: ["outbound"], queryFn: () => api.outboundRule(), staleTime: Infinity });
  if (!data || data.prefixes.length === 0) return null;
  const call = (event: FormEvent) => {
    event.preventDefault();
    const fits = mayBeNumber(number);
    setWrong(!fits);
    if (fits) void desk.dial(number);
  };
  return (
    <section className={frame["card"]} aria-labelledby={`${field}-title`}>
      <h2 id={`${field}-title`}>{t("title")}</h2>
      <form className={css["form"]} onSubmit={call}>
        <input
          type="tel"
          autoComplete="off"
          aria-label={t("label")}
          aria-describedby={`${field}-hint`}
          aria-invalid={wrong || undefined}
          value={number}
          maxLength={40}
          onChange={(event) => {
            setNumber(event.target.value);
            setWrong(false);
          }}
        />
        <Button type="submit" kind="ok" isDisabled={!live || pending !== null || number.trim() === ""}>
          <Phone size={16} aria-hidden="true" />
          {t("call")}
        </Button>
      </form>
      <p className="muted" id={`${field}-hint`} role={wrong ? "alert" : undefined}>
        {wrong ? t("notInternational") : t("hint", { prefixes: data.prefixes.join(", ") })}
      </p>
    </section>
  );
}

/** A number is being called: how far it is, and the way back. */
export function DialingPanel({ call }: { call: CallView }) {
  const { t } = useTranslation("dial");
  const desk = useDesk();
  const store = useLiveStore();
  const { pending } = useDeskView();
  const time = useTicking(() => clock(store.serverNow() - call.placed_at));
  return (
    <>
      <header className={panel["caller"]}>
        <span className={panel["avatar"]} aria-hidden="true">
          <PhoneOutgoing size={26} />
        </span>
        <h2>{call.caller.name}</h2>
        <span role="status">{t(`progress.${call.outbound?.progress ?? "calling"}`)}</span>
        <span className={panel["timer"]} role="timer" aria-live="off">
          {time}
        </span>
        <span className="muted">{t("hears")}</span>
      </header>
      <Button
        kind="danger"
        size="large"
        className={panel["hangUp"]}
        isDisabled={pending === "hangup"}
        onPress={() => void desk.hangUp()}
      >
        <PhoneOff size={18} aria-hidden="true" />
        {t("cancel")}
      </Button>
    </>
  );
}
