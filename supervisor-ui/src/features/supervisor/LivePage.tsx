import { type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useComposerTab } from "../../chat/useComposerTab";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import type { Connection } from "../../live/state";
import { useStationView } from "../../media/hooks";
import { Silenced } from "../../shell/Silenced";
import { Kbd } from "../../ui/Kbd";
import { lazily } from "../../ui/lazily";
import { FilterBar } from "./FilterBar";
import { CallNoticeBanner, LostBanner, TextNoticeBanner } from "./Notices";
import { type DashboardView, useHeld } from "./dashboard/useDashboard";
import { useFollowed } from "./follow/hooks";
import { supervisorKeys } from "./model/keys";
import { Panel } from "./panel/Panel";
import { useCallSupervision, useTextSupervision } from "./supervision/hooks";
import { LiveTable } from "./table/LiveTable";
import { HelpCard } from "./tiles/HelpCard";
import { Tiles } from "./tiles/Tiles";
import css from "./Dashboard.module.css";

const signStrip = lazily(() => import("./signs/SignStrip").then((m) => m.SignStrip));
const followBanner = lazily(() => import("./follow/FollowBanner").then((m) => m.FollowBanner));
const chatPanel = lazily(() => import("./panel/ChatPanel").then((m) => m.ChatPanel));

/** All that goes on, and one of it in the panel. */
export function LivePage({
  dashboard,
  search,
}: {
  dashboard: DashboardView;
  search: RefObject<HTMLInputElement | null>;
}) {
  const { entries, connection, selected, help } = dashboard;
  useEffect(() => chatPanel.preload(), []);
  return (
    <>
      <main id="live" tabIndex={-1} className={css["main"]}>
        <LiveNotices connection={connection} selected={selected?.kind ?? null} />
        <Tiles entries={entries}>
          <HelpCard
            open={help.open}
            taken={help.taken}
            disabled={connection.kind !== "live"}
            onListen={dashboard.answerHelp}
            onLater={dashboard.putOff}
          />
        </Tiles>
        <div className={css["signs"]}>
          <signStrip.Part entries={entries} onOpen={dashboard.open} />
        </div>
        <FilterBar
          filter={dashboard.filter}
          onFilter={dashboard.setFilter}
          total={entries.length}
          density={dashboard.density}
          onDensity={dashboard.setDensity}
          searchRef={search}
        />
        <LiveTable dashboard={dashboard} />
        {!selected && <Foot />}
      </main>
      <Selection dashboard={dashboard} />
    </>
  );
}

function Selection({ dashboard: { selected, close, confirm } }: { dashboard: DashboardView }) {
  const { notice } = useCallSupervision();
  const text = useTextSupervision("chats").notice;
  const [tab, setTab] = useComposerTab(selected?.id ?? "", "private");
  if (!selected) return null;
  const { ended } = selected;
  if (selected.kind === "call") {
    return (
      <Panel
        call={selected.call}
        ended={ended}
        notice={notice && <CallNoticeBanner notice={notice} />}
        onClose={close}
        onBarge={confirm.ask}
        onTakeOver={confirm.askTakeOver}
      />
    );
  }
  return (
    <chatPanel.Part
      view={selected.view}
      ended={ended}
      notice={text && <TextNoticeBanner notice={text} />}
      tab={tab}
      onTab={setTab}
      onClose={close}
      onBarge={confirm.ask}
      onTakeOver={confirm.askTakeOver}
    />
  );
}

/** What holds for the whole page: a lost connection, and what no open panel says. */
export function LiveNotices({ connection, selected }: { connection: Connection; selected: "call" | "chat" | null }) {
  const { notice } = useCallSupervision();
  const text = useTextSupervision("chats").notice;
  const held = useHeld();
  const [followed] = useFollowed();
  const connected = connection.kind === "live";
  const [supervisedWhenLost, setSupervised] = useState(false);
  if (connected && supervisedWhenLost !== (held !== null)) setSupervised(held !== null);
  return (
    <>
      <Silenced />
      {followed !== null && <followBanner.Part />}
      {connection.kind === "lost" && <LostBanner connection={connection} supervised={supervisedWhenLost} />}
      {notice && selected !== "call" && <CallNoticeBanner notice={notice} />}
      {text && selected !== "chat" && <TextNoticeBanner notice={text} />}
    </>
  );
}

/** The most used keys, and the microphone's state in words. */
function Foot() {
  const { t } = useTranslation("supervisor");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const transmitting = useStationView((view) => view.transmitting);
  const sent = useStationView((view) => view.sent ?? 0);
  return (
    <footer className={css["foot"]}>
      <span>
        <Kbd>↑</Kbd>
        <Kbd>↓</Kbd> {t("foot.rows")}
      </span>
      <span>
        <Kbd>↵</Kbd> {t("foot.open")}
      </span>
      {enabled &&
        (["listen", "help", "search", "shortcuts"] as const).map((action) => (
          <span key={action}>
            <Kbd>{capOf(map[action])}</Kbd> {t(`foot.${action}`)}
          </span>
        ))}
      <span className={css["right"]}>
        {transmitting ? t("foot.micLive") : sent === 0 ? t("foot.mic") : t("foot.micSends", { count: sent })}
      </span>
    </footer>
  );
}
