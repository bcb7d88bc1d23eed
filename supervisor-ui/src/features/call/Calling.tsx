import { Phone, PhoneOff } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { EventSocket } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import { Microphone } from "../../media/microphone";
import { Ringer } from "../../media/ringer";
import { Station } from "../../media/station";
import { exposeForDebugging, rawMicrophone } from "../../session/debug";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { lazily } from "../../ui/lazily";
import { clock } from "../../ui/names";
import { Live, Trouble } from "./Live";
import { CallApi } from "./api";
import { Beside } from "./beside";
import { Caller } from "./caller";
import { CallerContext, useCaller, useCallerView } from "./hooks";
import type { Ended as EndedCall } from "./view";
import css from "./CallPage.module.css";
import "./callingWords";

const besidePanel = lazily(() => import("./BesidePanel").then((m) => m.BesidePanel));

/** What a call needs, and what is shown of it. */
export interface Calling {
  readonly caller: Caller;
  /** Until the returned function is called. */
  begin(): () => void;
  /** The call, from the connecting on until one calls again. */
  readonly Call: ComponentType;
  /** What is written beside it. */
  readonly Beside: ComponentType;
  /** Another microphone or speaker. */
  readonly Trouble: ComponentType;
}

export function newCalling(): Calling {
  const api = new CallApi();
  const station = new Station(api, new Microphone(!rawMicrophone()));
  const beside = new Beside(new GuestTextApi());
  const ringer = new Ringer(station.view);
  const caller = new Caller({ api, station, ringer, beside, events: (config) => new EventSocket(config) });
  const within = (children: ReactNode) => (
    <CallerContext value={caller}>
      <StationContext value={station}>{children}</StationContext>
    </CallerContext>
  );
  return {
    caller,
    begin: () => {
      // While one waits there is time, and later there may be no network.
      besidePanel.preload();
      return exposeForDebugging({ station });
    },
    Call: () => within(<Call beside={beside} />),
    Beside: () => within(<besidePanel.Part beside={beside} />),
    Trouble: () => within(<Trouble />),
  };
}

function Call({ beside }: { beside: Beside }) {
  const { step, ended } = useCallerView();
  return step === "ended" && ended ? <Ended ended={ended} /> : <Live beside={beside} />;
}

/** The call is over: how, and the way to another one. */
function Ended({ ended: { ending, lastedMs } }: { ended: EndedCall }) {
  const { t } = useTranslation("calling");
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
