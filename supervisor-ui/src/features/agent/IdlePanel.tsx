import { Check, LoaderCircle, Pause } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveStore } from "../../live/hooks";
import { useTicking } from "../../browser/ticking";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { clock } from "../../ui/names";
import { useDesk, useDeskView } from "./hooks";
import css from "./IdlePanel.module.css";
import { MISSED, type Phase } from "./phase";

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
