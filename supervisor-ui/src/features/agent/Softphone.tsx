import { Headset, Keyboard } from "lucide-react";
import { Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useLive, useText } from "../../live/hooks";
import type { Connection } from "../../live/state";
import { useStationView } from "../../media/hooks";
import { Bar } from "../../shell/Bar";
import { Rail, ShortcutsContext, useSidePages } from "../../shell/Rail";
import { setTab } from "../../shell/tab";
import { IconButton } from "../../ui/Button";
import { shortName } from "../../ui/names";
import { lazily } from "../../ui/lazily";
import { useLeaveGuard } from "../../ui/useLeaveGuard";
import type { CallView } from "../../wire/generated";
import { CallPanel } from "./CallPanel";
import { Devices } from "./Devices";
import { Guests } from "./Guests";
import { IdlePanel, Recent, SoundCheck } from "./IdlePanel";
import { Notices } from "./Notices";
import { Picture } from "./Picture";
import { Presence } from "./Presence";
import { RingCard } from "./RingCard";
import { ShortcutsDialog, useAgentKeys } from "./Shortcuts";
import { usePhase, useSaid } from "./desk/hooks";
import { guestsOf, type Phase } from "./desk/phase";
import { Conversations } from "./text/Conversations";
import { Offers } from "./text/Offers";
import { PullList } from "./text/PullList";
import { useNews } from "./text/useNews";
import css from "./Softphone.module.css";
import text from "./text/Conversations.module.css";

const contacts = lazily(() => import("../../contacts/Contacts").then((m) => m.Contacts));
const dial = lazily(() => import("./Dial").then((m) => m.Dial));
const dialingPanel = lazily(() => import("./Dial").then((m) => m.DialingPanel));

export function Softphone() {
  const { t } = useTranslation("agent");
  const { t: common } = useTranslation();
  const side = useSidePages();
  const phase = usePhase();
  const connection = useLive((state) => state.connection);
  const rttMs = useStationView((view) => view.quality?.rttMs ?? null);
  const [shortcuts, showShortcuts] = useState(false);
  const openShortcuts = useCallback(() => showShortcuts(true), []);
  useAgentKeys();
  useAgentTab(phase, connection);
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
          <IconButton aria-label={t("shortcuts.title")} onPress={openShortcuts}>
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
          {talking && talking.call.state === "dialing" && <dialingPanel.Part call={talking.call} />}
          {talking && talking.call.state !== "dialing" && <CallPanel call={talking.call} own={talking.own} />}
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
              <ShortcutsContext value={openShortcuts}>
                <Suspense fallback={<p role="status">{common("loading")}</p>}>{side.open.content}</Suspense>
              </ShortcutsContext>
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

/** What there is besides conversations: what can be picked, who hears whom, who calls, the sound, earlier calls. */
function AtRest({ phase }: { phase: Phase }) {
  return (
    <>
      <PullList />
      {phase.kind === "talking" && phase.call.state === "active" && (
        <>
          <CallPicture call={phase.call} />
          <contacts.Part key={phase.call.id} interaction={phase.call.id} />
        </>
      )}
      {phase.kind === "idle" && <dial.Part />}
      {phase.kind === "idle" && <SoundCheck />}
      <Recent />
    </>
  );
}

/** While the server is silent there is no picture: nobody knows who hears whom. */
function CallPicture({ call }: { call: CallView }) {
  const said = useSaid(call);
  return said.kind === "lost" ? null : <Picture call={call} said={said} />;
}

const BLINK_MS = 1000;

/** Title and icon of the tab: what rings or is offered, and who speaks to the agent. */
function useAgentTab(phase: Phase, connection: Connection): void {
  const { t } = useTranslation("agent");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const offered = useText((state) => state.offers[0]?.conversation.requester.name);
  const calls = phase.kind === "ringing" || (phase.kind !== "talking" && offered !== undefined);
  const blink = useTicking(() => calls && !still && Math.floor(Date.now() / BLINK_MS) % 2 === 1);
  const { title, icon } = tabOf(phase);
  const shown = blink ? t("title") : title;
  useEffect(() => {
    setTab(shown, icon);
  }, [shown, icon]);

  function tabOf(now: Phase): { title: string; icon: "off" | "whisper" | "barge" } {
    if (now.kind === "ringing")
      return { title: `☎ ${t("tab.ringing", { name: now.offer.call.caller.name })}`, icon: "off" };
    if (now.kind !== "talking" && offered !== undefined)
      return { title: `✉ ${t("tab.offered", { name: offered })}`, icon: "off" };
    if (now.kind !== "talking") return { title: t("title"), icon: "off" };
    const guest = connection.kind === "live" ? guestsOf(now.call, now.own)[0] : undefined;
    const name = shortName(guest?.leg.name ?? now.call.caller.name);
    if (guest?.kind === "coaching") return { title: `◐ ${t("tab.coaching", { name })}`, icon: "whisper" };
    if (guest?.kind === "taken") return { title: `● ${t("tab.taken", { name })}`, icon: "barge" };
    if (guest?.kind === "joined") return { title: `● ${t("tab.joined", { name })}`, icon: "barge" };
    return { title: t("tab.talking", { name: shortName(now.call.caller.name) }), icon: "off" };
  }
}
