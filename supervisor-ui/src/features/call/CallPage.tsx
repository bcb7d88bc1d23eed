import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { EventSocket } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import { Microphone } from "../../media/microphone";
import { Ringer } from "../../media/ringer";
import { Station } from "../../media/station";
import { exposeForDebugging, rawMicrophone } from "../../session/debug";
import { GuestFrame } from "../../ui/GuestFrame";
import { CallApi } from "./api";
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
  return { api, station, caller: new Caller({ api, station, ringer: new Ringer(), events: (config) => new EventSocket(config) }) };
}

/** `/call`: a caller's page. */
export function CallPage() {
  const [{ api, station, caller }] = useState(newCall);
  useEffect(() => exposeForDebugging({ station }), [station]);
  return (
    <CallerContext value={caller}>
      <StationContext value={station}>
        <Frame>
          <Step api={api} />
        </Frame>
      </StationContext>
    </CallerContext>
  );
}

function Step({ api }: { api: CallApi }) {
  const { step, ended } = useCallerView();
  if (step === "ended" && ended) return <Ended ended={ended} />;
  return step === "start" ? <Start api={api} /> : <Live />;
}

function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation("call");
  const { step, told } = useCallerView();
  const active = told.kind === "going" && told.call.state === "active";
  useLeaveGuard(step === "calling");
  return <GuestFrame title={t(step === "calling" ? (active ? "talkingTab" : "waitingTab") : "page")} footer={<Trouble />}>{children}</GuestFrame>;
}

/** Leaving the page ends the call: the browser asks first. */
function useLeaveGuard(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [on]);
}
