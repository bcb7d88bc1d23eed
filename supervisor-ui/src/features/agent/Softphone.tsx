import { Headset, Keyboard } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "../../keys/useKeys";
import { useLive } from "../../live/hooks";
import { useStationView } from "../../media/hooks";
import { Bar } from "../../shell/Bar";
import { Rail } from "../../shell/Rail";
import { IconButton } from "../../ui/Button";
import { CallPanel } from "./CallPanel";
import { Devices } from "./Devices";
import { Guests } from "./Guests";
import { useDesk, useDeskView, usePhase } from "./hooks";
import { IdlePanel } from "./IdlePanel";
import { AGENT_ACTIONS, type AgentAction, agentKeys } from "./keys";
import { Notices } from "./Notices";
import { Picture } from "./Picture";
import { Presence } from "./Presence";
import { Recent } from "./Recent";
import { RingCard } from "./RingCard";
import { ShortcutsDialog } from "./ShortcutsDialog";
import css from "./Softphone.module.css";
import { SoundCheck } from "./SoundCheck";
import { useAgentTab } from "./useAgentTab";

export function Softphone() {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const phase = usePhase();
  const connection = useLive((state) => state.connection);
  const rttMs = useStationView((view) => view.quality?.rttMs ?? null);
  const [shortcuts, showShortcuts] = useState(false);
  useAgentKeys();
  useAgentTab(phase);
  useLeaveGuard(phase.kind === "talking");
  const talking = phase.kind === "talking" ? phase : null;
  return (
    <div className={css["page"]}>
      <a className={css["skip"]} href="#softphone">{common("skip")}</a>
      <Bar
        title={t("title")}
        connection={connection}
        detail={rttMs !== null && connection.kind === "live" && ` · ${Math.round(rttMs)} ms`}
        tools={<IconButton aria-label={t("shortcuts.title")} onPress={() => showShortcuts(true)}><Keyboard size={18} aria-hidden="true" /></IconButton>}
      >
        <Presence />
      </Bar>
      <Rail label={t("main")} entries={[{ href: "/agent", label: t("desk"), icon: Headset, current: true }]} />
      <Guests call={talking?.call} own={talking?.own} />
      <main className={css["main"]}>
        <section className={css["phone"]} id="softphone" tabIndex={-1} aria-label={t("title")}>
          {phase.kind === "ringing" && <RingCard offer={phase.offer} />}
          {talking && <CallPanel call={talking.call} own={talking.own} />}
          {(phase.kind === "idle" || phase.kind === "connecting") && <IdlePanel phase={phase} />}
          <Devices talking={talking !== null} />
        </section>
        <div className={css["desk"]}>
          <Notices phase={phase} />
          {talking && <Picture call={talking.call} own={talking.own} />}
          {phase.kind === "idle" && <SoundCheck />}
          <Recent />
        </div>
      </main>
      <ShortcutsDialog isOpen={shortcuts} onClose={() => showShortcuts(false)} />
    </div>
  );
}

function useAgentKeys(): void {
  const desk = useDesk();
  const { muted } = useDeskView();
  const phase = usePhase();
  const press = (action: AgentAction) => {
    switch (action) {
      case "accept":
        return void desk.accept();
      case "decline":
        return void desk.decline();
      case "mute":
        return void desk.mute(!(muted || (phase.kind === "talking" && phase.own.muted)));
      case "hold":
        return phase.kind === "talking" ? void desk.hold(!phase.call.held) : undefined;
      case "hangup":
        return void desk.hangUp();
    }
  };
  useKeys(agentKeys, { press, everywhere: AGENT_ACTIONS });
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
