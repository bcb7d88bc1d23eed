import { Phone, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Diagram } from "../../../hearing/Diagram";
import { useLive } from "../../../live/hooks";
import { useStationView } from "../../../media/hooks";
import { IconButton } from "../../../ui/Button";
import { shortName } from "../../../ui/names";
import type { CallView, Mode } from "../../../wire/generated";
import { useStatement, useSupervision, useSupervisionView } from "../supervision/hooks";
import { audible } from "../supervision/plan";
import { coachedAgent } from "../supervision/statement";
import { Elapsed } from "../table/CallRow";
import { agentName, since } from "../table/rows";
import { useSpeaking } from "../talk";
import { availabilityOf } from "./availability";
import { hearingOf } from "./hearing";
import { HelpStrip } from "./HelpStrip";
import { HoldToWhisper } from "./HoldToWhisper";
import { MicBlock } from "./MicBlock";
import mic from "./MicBlock.module.css";
import { Modes } from "./Modes";
import css from "./Panel.module.css";
import { People } from "./People";
import { QualityBar } from "./QualityBar";
import { Statement } from "./Statement";
import { Timeline } from "./Timeline";

export interface PanelProps {
  call: CallView;
  /** It is over; what is shown is how it was. */
  ended: boolean;
  notice: ReactNode;
  onClose: () => void;
  onBarge: () => void;
}

/** One call: who hears whom, and the three modes. */
export function Panel({ call, ended, notice, onClose, onBarge }: PanelProps) {
  const { t } = useTranslation("supervisor");
  const supervision = useSupervision();
  const { held, pending } = useSupervisionView();
  const connected = useLive((state) => state.connection.kind === "live");
  const permissions = useLive((state) => state.me?.permissions) ?? [];
  const mode = held?.call === call.id ? held.mode : null;
  const coach = held?.call === call.id ? held.coach : undefined;
  const agent = coachedAgent(call, coach);
  const availability = availabilityOf({ connected: connected && !ended, permissions, call, mode });
  const asked = pending?.kind === "asking" && pending.call === call.id ? pending.mode : pending?.kind === "leaving" && pending.call === call.id && pending.to !== "off" ? pending.to : null;
  const choose = (wanted: Mode) => {
    if (wanted === "listen") supervision.listen(call.id);
    else if (wanted === "whisper") void supervision.speak("whisper");
    else onBarge();
  };
  return (
    <aside className={css["panel"]} aria-label={t("panel.label")}>
      <PanelHead call={call} ended={ended} onClose={onClose} />
      <Statement call={call} canListen={availability.listen === "yes"} />
      <div className={css["body"]}>
        {notice}
        {ended && !notice && <p className={css["ended"]}>{t("panel.ended")}. {t("panel.endedBody")}</p>}
        <HelpStrip call={call} disabled={!connected || ended} />
        <div className={css["section"]}>
          <Picture call={call} mode={mode} coach={coach} />
          <Modes mode={mode} asked={asked} agent={agent} availability={availability} onChoose={choose} />
          <div className={mic["row"]}>
            <MicBlock mode={mode} agent={agent} caller={shortName(call.caller.name)} />
            <HoldToWhisper mode={mode} whisper={availability.whisper} />
          </div>
        </div>
        <Timeline call={call} agent={agent} />
        <People call={call} />
      </div>
      <QualityBar />
    </aside>
  );
}

function PanelHead({ call, ended, onClose }: Pick<PanelProps, "call" | "ended" | "onClose">) {
  const { t } = useTranslation("supervisor");
  const queue = useLive((state) => state.me?.queues.find((known) => known.id === call.queue)?.name) ?? call.queue;
  const agent = agentName(call);
  const details = [call.caller.number, agent && t("panel.with", { agent }), queue].filter(Boolean).join(" · ");
  return (
    <div className={css["head"]}>
      <span className={css["avatar"]}>
        <Phone size={17} aria-hidden="true" />
      </span>
      <div className={css["names"]}>
        <h2>{call.caller.name}</h2>
        <div className="muted">{details}</div>
      </div>
      <span className={css["time"]}>{ended ? t("state.ended") : <Elapsed from={since(call)} />}</span>
      <IconButton aria-label={t("panel.close")} onPress={onClose}>
        <X size={18} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function Picture({ call, mode, coach }: { call: CallView; mode: Mode | null; coach: string | undefined }) {
  const notified = useLive((state) => state.policy.notify_agent_on_listen);
  const transmitting = useStationView((view) => view.transmitting);
  const speaking = useSpeaking(call);
  const lost = useStatement().mode === "lost";
  const shown = lost ? null : mode;
  return <Diagram hearing={hearingOf(call, shown, coach, notified)} micOpening={audible(shown ?? undefined) && !transmitting} speaking={speaking} />;
}
