import { Languages } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, language, setLanguage } from "../../i18n";
import { EventSocket } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import { Microphone } from "../../media/microphone";
import { Ringer } from "../../media/ringer";
import { Station } from "../../media/station";
import { exposeForDebugging, rawMicrophone } from "../../session/debug";
import { ChoiceMenu } from "../../ui/Menu";
import { CallApi } from "./api";
import css from "./CallPage.module.css";
import { Caller } from "./caller";
import { Ended } from "./Ended";
import { CallerContext, useCallerView } from "./hooks";
import { Live } from "./Live";
import { Start } from "./Start";
import { Trouble } from "./Trouble";
import "./words";

const LANGUAGE_NAMES = { en: "English", ja: "日本語" };

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
  const { t: common } = useTranslation();
  const { step, told } = useCallerView();
  const active = told.kind === "going" && told.call.state === "active";
  const title = t(step === "calling" ? (active ? "talkingTab" : "waitingTab") : "page");
  useEffect(() => {
    document.title = `${title} · Sotto`;
  }, [title]);
  useLeaveGuard(step === "calling");
  const choices = LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
  return (
    <div className={css["page"]}>
      <header className={css["header"]}>
        <span className={css["logo"]}>sotto</span>
        <ChoiceMenu label={common("language")} icon={<><Languages size={18} aria-hidden="true" />{LANGUAGE_NAMES[language()]}</>} choices={choices} chosen={language()} onChoose={setLanguage} />
      </header>
      <main className={css["main"]}>{children}</main>
      <footer className={css["footer"]}>
        <Trouble />
      </footer>
    </div>
  );
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
