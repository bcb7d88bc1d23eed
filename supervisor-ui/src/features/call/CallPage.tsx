import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { EventSocket } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import { Microphone } from "../../media/microphone";
import { Ringer } from "../../media/ringer";
import { Station } from "../../media/station";
import { exposeForDebugging, rawMicrophone } from "../../session/debug";
import { GuestFrame } from "../../ui/GuestFrame";
import { useLeaveGuard } from "../../ui/useLeaveGuard";
import { CallApi } from "./api";
import { Beside } from "./beside";
import { BesidePanel } from "./BesidePanel";
import css from "./CallPage.module.css";
import { Caller } from "./caller";
import { Ended } from "./Ended";
import { CallerContext, useCallerView } from "./hooks";
import { Live } from "./Live";
import { Start } from "./Start";
import { Trouble } from "./Trouble";
import "./words";

function newCall() {
  const api = new CallApi();
  const station = new Station(api, new Microphone(!rawMicrophone()));
  const beside = new Beside(new GuestTextApi());
  return {
    api,
    station,
    beside,
    caller: new Caller({ api, station, ringer: new Ringer(), beside, events: (config) => new EventSocket(config) }),
  };
}

/** `/call`: a caller's page. */
export function CallPage() {
  const [{ api, station, beside, caller }] = useState(newCall);
  useEffect(() => exposeForDebugging({ station }), [station]);
  return (
    <CallerContext value={caller}>
      <StationContext value={station}>
        <Frame>
          <div className={css["both"]}>
            <Step api={api} beside={beside} />
            <BesidePanel beside={beside} />
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
