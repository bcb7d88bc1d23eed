import { MessageSquare, Mic, Phone, PhoneOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { EventSocket } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import { Microphone } from "../../media/microphone";
import { Ringer } from "../../media/ringer";
import { Station } from "../../media/station";
import { StartForm, useStart } from "../../requester/StartForm";
import { exposeForDebugging, rawMicrophone } from "../../session/debug";
import { Button } from "../../ui/Button";
import { GuestFrame } from "../../ui/GuestFrame";
import { classes } from "../../ui/classes";
import { lazily } from "../../ui/lazily";
import { clock } from "../../ui/names";
import { useLeaveGuard } from "../../ui/useLeaveGuard";
import type { Queue } from "../../wire/generated";
import { Live, Trouble } from "./Live";
import { CallApi } from "./api";
import { Beside } from "./beside";
import { Caller, type Ended as EndedCall } from "./caller";
import { CallerContext, useCaller, useCallerView } from "./hooks";
import button from "../../ui/Button.module.css";
import css from "./CallPage.module.css";
import "./words";

const besidePanel = lazily(() => import("./BesidePanel").then((m) => m.BesidePanel));

function newCall() {
  const api = new CallApi();
  const station = new Station(api, new Microphone(!rawMicrophone()));
  const beside = new Beside(new GuestTextApi());
  const ringer = new Ringer(station.view);
  return {
    api,
    station,
    beside,
    caller: new Caller({ api, station, ringer, beside, events: (config) => new EventSocket(config) }),
  };
}

/** `/call`: a caller's page. */
export function CallPage() {
  const [{ api, station, beside, caller }] = useState(newCall);
  useEffect(() => exposeForDebugging({ station }), [station]);
  // While one waits there is time, and later there may be no network.
  useEffect(() => besidePanel.preload(), []);
  return (
    <CallerContext value={caller}>
      <StationContext value={station}>
        <Frame>
          <div className={css["both"]}>
            <Step api={api} beside={beside} />
            <besidePanel.Part beside={beside} />
          </div>
        </Frame>
      </StationContext>
    </CallerContext>
  );
}

function Step({ api, beside }: { api: CallApi; beside: Beside }) {
  const { step, ended } = useCallerView();
  if (step === "ended" && ended) return <Ended ended={ended} />;
  return step === "start" ? <Start api={api} /> : <Live beside={beside} />;
}

function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation("call");
  const { step, told } = useCallerView();
  const active = told.kind === "going" && told.call.state === "active";
  useLeaveGuard(step === "calling");
  return (
    <GuestFrame title={t(step === "calling" ? (active ? "talkingTab" : "waitingTab") : "page")} footer={<Trouble />}>
      {children}
    </GuestFrame>
  );
}

/** Who calls, and what about. */
function Start({ api }: { api: CallApi }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  const { problem, signedInAs } = useCallerView();
  const start = useStart(api);
  const { queue } = start;
  const call = (replacing: boolean) => (name: string, chosen: Queue) => void caller.call(name, chosen, replacing);
  return (
    <StartForm
      start={start}
      lead={t("lead")}
      noQueues={t("noQueues")}
      problem={problem && t(`problems.${problem}`, { name: signedInAs })}
      onStart={call(false)}
    >
      <Button type="submit" kind="ok" size="large" className={css["wide"]} isDisabled={!queue}>
        <Phone size={20} aria-hidden="true" />
        {t("callNow")}
      </Button>
      {problem === "signedIn" && (
        <Button size="large" className={css["wide"]} onPress={() => start.go(call(true))}>
          {t("goOn", { name: signedInAs })}
        </Button>
      )}
      <a
        className={classes(button["button"], button["large"], css["wide"], css["instead"])}
        href={`/chat${queue ? `?queue=${encodeURIComponent(queue.id)}` : ""}`}
        onClick={start.rememberName}
      >
        <MessageSquare size={18} aria-hidden="true" />
        {t("chatInstead")}
      </a>
      <p className={css["hint"]}>
        <Mic size={16} aria-hidden="true" />
        {t("microphoneHint")}
      </p>
    </StartForm>
  );
}

/** The call is over: how, and the way to another one. */
function Ended({ ended: { ending, lastedMs } }: { ended: EndedCall }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  return (
    <section className={css["card"]} aria-label={t("yourCall")}>
      <div className={css["centre"]} role="status">
        <span className={classes(css["avatar"], css["waiting"])} aria-hidden="true">
          <PhoneOff size={32} strokeWidth={1.75} />
        </span>
        <h1>{t(`endings.${ending}.title`)}</h1>
        <p className={css["lead"]}>{t(`endings.${ending}.body`)}</p>
        {lastedMs !== null && <p className={css["about"]}>{t("lasted", { time: clock(lastedMs) })}</p>}
      </div>
      <Button size="large" kind="ok" className={css["wide"]} autoFocus onPress={() => caller.again()}>
        <Phone size={20} aria-hidden="true" />
        {t("again")}
      </Button>
    </section>
  );
}
