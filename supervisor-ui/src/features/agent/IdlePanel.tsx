import { timeOf } from "../../ui/time";
import { Check, LoaderCircle, Mic, MicOff, Pause, Phone } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useLive, useLiveStore } from "../../live/hooks";
import { scale } from "../../live/meters";
import { useStation } from "../../media/hooks";
import { Button } from "../../ui/Button";
import { lazily } from "../../ui/lazily";
import { Meter } from "../../ui/Meter";
import { classes } from "../../ui/classes";
import { clock } from "../../ui/names";
import { useDesk, useDeskView, useQueueName } from "./desk/hooks";
import { AFTER_CALL, MISSED, type Phase } from "./desk/phase";
import type { RecentCall } from "./desk/recent";
import css from "./IdlePanel.module.css";
import frame from "./Softphone.module.css";

// Neither is what a call waits for.
const afterCall = lazily(() => import("./AfterCall").then((m) => m.AfterCall));
const ownDay = lazily(() => import("./OwnDay").then((m) => m.OwnDay));

/** No call: whether one may ring. */
export function IdlePanel({ phase }: { phase: Extract<Phase, { kind: "idle" | "connecting" }> }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const store = useLiveStore();
  const { pending } = useDeskView();
  const live = useLive((state) => state.connection.kind === "live");
  const queues = useLive((state) => state.me?.queues);
  const presence = phase.kind === "idle" ? phase.presence : null;
  const since = useTicking(() => (presence ? clock(store.serverNow() - presence.since) : ""));
  if (phase.kind === "connecting")
    return (
      <Statement icon={<LoaderCircle size={30} />} spins title={t("idle.connecting")} body={t("idle.connectingBody")} />
    );
  if (presence?.reason === AFTER_CALL && presence.state === "not_ready") return <afterCall.Part presence={presence} />;
  const ready = presence?.state === "ready";
  const body = ready ? "idle.readyBody" : presence?.reason === MISSED ? "idle.missedBody" : "idle.notReadyBody";
  return (
    <>
      <Statement
        icon={ready ? <Check size={30} /> : <Pause size={30} />}
        ready={ready}
        title={t(ready ? "idle.ready" : "idle.notReady")}
        body={t(body)}
      >
        {since && (
          <span className={css["since"]} role="timer" aria-live="off">
            {t("idle.since", { time: since })}
          </span>
        )}
      </Statement>
      {!ready && (
        <Button kind="ok" size="large" isDisabled={!live || pending === "presence"} onPress={() => void desk.ready()}>
          <Check size={18} aria-hidden="true" />
          {t("idle.goReady")}
        </Button>
      )}
      {queues && queues.length > 0 && (
        <dl className={css["queues"]}>
          <dt>{t("idle.queues")}</dt>
          <dd>{queues.map(({ name }) => name).join(", ")}</dd>
        </dl>
      )}
    </>
  );
}

interface StatementProps {
  icon: ReactNode;
  title: string;
  body: string;
  ready?: boolean;
  spins?: boolean;
  children?: ReactNode;
}

function Statement({ icon, title, body, ready = false, spins = false, children }: StatementProps) {
  return (
    <div className={css["statement"]} role="status">
      <span className={classes(css["disc"], ready && css["ready"])} aria-hidden="true">
        <span className={spins ? "spin" : undefined}>{icon}</span>
      </span>
      <h2>{title}</h2>
      <p className="muted">{body}</p>
      {children}
    </div>
  );
}

/** The calls that are over. */
export function Recent() {
  const { t } = useTranslation("agent");
  const { recent } = useDeskView();
  return (
    <section className={css["recent"]} aria-labelledby="earlier">
      <h2 id="earlier">{t("recent.title")}</h2>
      <ownDay.Part />
      {recent.length === 0 && <p className="muted">{t("recent.none")}</p>}
      <ul>
        {recent.map((call) => (
          <Entry key={call.id} call={call} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ call }: { call: RecentCall }) {
  const queue = useQueueName(call.queue);
  const at = new Date(call.endedAt);
  const time = timeOf(call.endedAt);
  return (
    <li>
      <Phone size={14} aria-hidden="true" />
      <span className={css["name"]}>{call.caller}</span>
      <span>{queue}</span>
      <span>{clock(call.lastedMs)}</span>
      <time dateTime={at.toISOString()}>{time}</time>
    </li>
  );
}

/** A look at the microphone while no call goes on. */
export function SoundCheck() {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const { testing } = useDeskView();
  const station = useStation();
  const read = useMemo(() => () => scale(station.microphone.level()), [station]);
  return (
    <section className={frame["card"]} aria-labelledby="sound">
      <h2 id="sound">{t("sound.title")}</h2>
      <p className="muted">{t(testing ? "sound.body" : "sound.off")}</p>
      <div className={frame["check"]}>
        <Meter read={read} off={!testing} label={t("sound.micLevel")} className={frame["wide"]} />
        <Button onPress={() => desk.testMicrophone(!testing)}>
          {testing ? <MicOff size={16} aria-hidden="true" /> : <Mic size={16} aria-hidden="true" />}
          {t(testing ? "sound.stop" : "sound.test")}
        </Button>
      </div>
    </section>
  );
}
