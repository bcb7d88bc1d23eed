import { Headset, Keyboard } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/hooks";
import { useStationView } from "../../media/hooks";
import { Bar } from "../../shell/Bar";
import { useSidePages } from "../../shell/pages";
import { Rail } from "../../shell/Rail";
import { IconButton } from "../../ui/Button";
import { useLeaveGuard } from "../../ui/useLeaveGuard";
import type { CallView } from "../../wire/generated";
import { CallPanel } from "./CallPanel";
import { Devices } from "./Devices";
import { Guests } from "./Guests";
import { usePhase } from "./hooks";
import { IdlePanel } from "./IdlePanel";
import { Notices } from "./Notices";
import type { Phase } from "./phase";
import { Picture } from "./Picture";
import { Presence } from "./Presence";
import { Recent } from "./Recent";
import { RingCard } from "./RingCard";
import { ShortcutsDialog } from "./ShortcutsDialog";
import css from "./Softphone.module.css";
import { SoundCheck } from "./SoundCheck";
import { Conversations } from "./text/Conversations";
import text from "./text/Conversations.module.css";
import { Offers } from "./text/Offers";
import { PullList } from "./text/PullList";
import { useNews } from "./text/useNews";
import { useAgentKeys } from "./useAgentKeys";
import { useAgentTab } from "./useAgentTab";

export function Softphone() {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const side = useSidePages();
  const phase = usePhase();
  const connection = useLive((state) => state.connection);
  const rttMs = useStationView((view) => view.quality?.rttMs ?? null);
  const [shortcuts, showShortcuts] = useState(false);
  useAgentKeys();
  useAgentTab(phase);
  useNews();
  useLeaveGuard(phase.kind === "talking");
  const talking = phase.kind === "talking" ? phase : null;
  return (
    <div className={css["page"]}>
      <a className={css["skip"]} href="#softphone">
        {common("skip")}
      </a>
      <Bar
        title={t("title")}
        connection={connection}
        detail={rttMs !== null && connection.kind === "live" && ` · ${Math.round(rttMs)} ms`}
        tools={
          <IconButton aria-label={t("shortcuts.title")} onPress={() => showShortcuts(true)}>
            <Keyboard size={18} aria-hidden="true" />
          </IconButton>
        }
      >
        <Presence />
      </Bar>
      <Rail
        label={t("main")}
        entries={[{ href: "/agent", label: t("desk"), icon: Headset, current: side.open === null }, ...side.entries]}
      />
      <Guests call={talking?.call} own={talking?.own} />
      <main className={css["main"]}>
        <section className={css["phone"]} id="softphone" tabIndex={-1} aria-label={t("title")}>
          {phase.kind === "ringing" && <RingCard offer={phase.offer} />}
          {talking && <CallPanel call={talking.call} own={talking.own} />}
          {(phase.kind === "idle" || phase.kind === "connecting") && <IdlePanel phase={phase} />}
          <Devices talking={talking !== null} />
        </section>
        <section className={text["column"]} aria-label={side.open?.label ?? t("text.conversations")}>
          <div className={text["above"]}>
            <Notices phase={phase} />
            <Offers />
          </div>
          {side.open ? (
            <div className={css["side"]}>
              <Suspense fallback={<p role="status">{common("loading")}</p>}>{side.open.content}</Suspense>
            </div>
          ) : (
            <Conversations desk={<AtRest phase={phase} />} />
          )}
        </section>
      </main>
      <ShortcutsDialog isOpen={shortcuts} onClose={() => showShortcuts(false)} />
    </div>
  );
}

/** What there is besides conversations: what can be picked, who hears whom, the sound, earlier calls. */
function AtRest({ phase }: { phase: Phase }) {
  return (
    <>
      <PullList />
      {phase.kind === "talking" && isPlain(phase.call) && <Picture call={phase.call} own={phase.own} />}
      {phase.kind === "idle" && <SoundCheck />}
      <Recent />
    </>
  );
}

/** The picture has room for one caller, this agent and who speaks to them. */
function isPlain(call: CallView): boolean {
  return call.legs.filter(({ role }) => role === "agent").length === 1;
}
