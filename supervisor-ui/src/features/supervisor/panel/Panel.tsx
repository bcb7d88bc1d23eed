import { Phone, X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Diagram, type DiagramProps } from "../../../hearing/Diagram";
import { isOpen } from "../../../hearing/plan";
import { heardByWords } from "../../../hearing/sentences";
import { preview } from "../../../hearing/statement";
import { useLive } from "../../../live/hooks";
import { useStationView } from "../../../media/hooks";
import { Button, IconButton } from "../../../ui/Button";
import { lazily } from "../../../ui/lazily";
import type { CallView, Mode, Permission } from "../../../wire/generated";
import { useCallSupervision, useEnter, useSaid, useSupervisions } from "../supervision/hooks";
import { askedMode, noticed } from "../supervision/plan";
import { agentName, agentsOf, coachedAgent, ownLeg, since } from "../model/call";
import { Elapsed } from "../parts/Parts";
import { callRequest } from "../model/requests";
import { useSpeaking } from "../model/talk";
import { type Availability, availabilityOf, callObstacle, type Choice } from "../supervision/availability";
import { Beside, EchoStrip, QualityBar } from "./CallDetails";
import { HelpStrip } from "./HelpStrip";
import { HoldToWhisper, MicBlock } from "./Mic";
import mic from "./Mic.module.css";
import { Modes } from "./Modes";
import css from "./Panel.module.css";
import { People } from "./People";
import { Statement } from "./Statement";
import { Timeline } from "./Timeline";

export interface PanelProps {
  call: CallView;
  /** It is over; what is shown is how it was. */
  ended: boolean;
  notice: ReactNode;
  onClose: () => void;
  onBarge: () => void;
  onTakeOver: () => void;
}

const contactsLine = lazily(() => import("../../../contacts/Contacts").then((m) => m.ContactsLine));
const takeOver = lazily(() => import("./TakeOver").then((m) => m.TakeOver));

/** One call: who hears whom, the three modes, and the step after the third. */
export function Panel({ call, ended, notice, onClose, onBarge, onTakeOver }: PanelProps) {
  const { t } = useTranslation("supervisor");
  const { held } = useCallSupervision();
  const connected = useLive((state) => state.connection.kind === "live");
  const permissions = useLive((state) => state.me?.permissions) ?? NO_RIGHTS;
  const mode = held?.at === call.id ? held.mode : null;
  const availability = availabilityOf({ connected, permissions, obstacle: callObstacle(call), mode });
  return (
    <aside className={css["panel"]} aria-label={t("panel.label")}>
      <PanelHead call={call} ended={ended} onClose={onClose} />
      <Statement call={call} canListen={!ended && availability.listen === "yes"} />
      <div className={css["body"]}>
        {notice && <div className={css["notice"]}>{notice}</div>}
        {ended && <Ended onClose={onClose} />}
        {!ended && (
          <Controls
            call={call}
            mode={mode}
            availability={availability}
            connected={connected}
            onBarge={onBarge}
            onTakeOver={onTakeOver}
          />
        )}
      </div>
      <QualityBar />
    </aside>
  );
}

const NO_RIGHTS: readonly Permission[] = [];

function Ended({ onClose }: Pick<PanelProps, "onClose">) {
  const { t } = useTranslation("supervisor");
  return (
    <div className={css["ended"]}>
      <p>{t("panel.ended")}</p>
      <Button onPress={onClose}>{t("panel.close")}</Button>
    </div>
  );
}

interface ControlsProps {
  call: CallView;
  /** Confirmed on this call. */
  mode: Mode | null;
  availability: Record<Choice, Availability>;
  connected: boolean;
  onBarge: () => void;
  onTakeOver: () => void;
}

function Controls({ call, mode, availability, connected, onBarge, onTakeOver }: ControlsProps) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const enter = useEnter();
  const { pending } = useCallSupervision();
  const coach = coachOf(call, mode);
  const agent = coachedAgent(call, coach);
  const said = useSaid(call);
  const hints = useHints(call);
  const choose = (wanted: Choice) => {
    if (wanted === "listen") enter("call", call.id);
    else if (wanted === "whisper") void calls.speak("whisper");
    else onBarge();
  };
  return (
    <>
      <HelpStrip request={callRequest(call)} disabled={!connected} />
      <EchoStrip call={call} coach={coach} />
      <div className={css["section"]}>
        <Picture call={call} mode={mode} said={said} />
        <Modes
          mode={mode}
          asked={askedMode(pending, call.id)}
          label={t("modes.label")}
          hints={hints}
          availability={availability}
          onChoose={choose}
        />
        {mode !== null && isOpen(mode) && (
          <takeOver.Part
            of={{ call }}
            mode={mode}
            isPossible={connected && pending === null}
            onTakeOver={onTakeOver}
            onHandBack={onBarge}
          />
        )}
        <div className={mic["row"]}>
          <MicBlock mode={mode} said={said} />
          <HoldToWhisper mode={mode} whisper={availability.whisper} />
        </div>
      </div>
      <Timeline call={call} />
      <People call={call} whisper={availability.whisper} />
      <contactsLine.Part key={call.id} interaction={call.id} />
      {mode !== null && <Beside call={call} agent={agent} />}
    </>
  );
}

function PanelHead({ call, ended, onClose }: Pick<PanelProps, "call" | "ended" | "onClose">) {
  const { t } = useTranslation("supervisor");
  const queue = useLive((state) => state.me?.queues.find((known) => known.id === call.queue)?.name) ?? call.queue;
  const agent = agentName(call);
  const rings = agentsOf(call).length === 0;
  const whom = agent && (rings ? t("state.ringing", { agent }) : t("panel.with", { agent }));
  const stated = call.caller.number;
  const number = stated && call.caller_source === "network" ? t("panel.network", { number: stated }) : stated;
  const details = [number, whom, queue].filter(Boolean).join(" · ");
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

/** What would hold in each mode, by the rule that then makes it hold. */
function useHints(call: CallView): Record<Choice, string> {
  const { t } = useTranslation("hearing");
  return useMemo(() => {
    const of = (mode: Mode) => heardByWords(t, preview(call, mode).heardBy);
    return { listen: of("listen"), whisper: of("whisper"), barge: of("barge") };
  }, [t, call]);
}

function Picture({ call, mode, said }: Pick<ControlsProps, "call" | "mode"> & { said: DiagramProps["said"] }) {
  const transmitting = useStationView((view) => view.transmitting);
  const speaking = useSpeaking(call);
  const opening = noticed(mode ?? undefined) && !transmitting;
  return <Diagram said={said} agentNotified={call.listen_told ?? false} micOpening={opening} speaking={speaking} />;
}

/** In Whisper: the coached agent's leg. */
function coachOf(call: CallView, mode: Mode | null): string | undefined {
  return mode === null ? undefined : ownLeg(call)?.coach;
}
