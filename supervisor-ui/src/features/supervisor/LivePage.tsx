import type { RefObject } from "react";
import { useComposerTab } from "../../chat/useComposerTab";
import css from "./Dashboard.module.css";
import { FilterBar } from "./FilterBar";
import { Foot } from "./Foot";
import { LiveNotices } from "./LiveNotices";
import { NoticeBanner } from "./Notices";
import { Panel } from "./panel/Panel";
import { useCallSupervision, useTextSupervision } from "./supervision/hooks";
import { LiveTable } from "./table/LiveTable";
import { ChatPanel } from "./text/ChatPanel";
import { TextNoticeBanner } from "./text/TextNoticeBanner";
import { HelpCard } from "./tiles/HelpCard";
import { Tiles } from "./tiles/Tiles";
import type { DashboardView } from "./useDashboard";

/** All that goes on, and one of it in the panel. */
export function LivePage({
  dashboard,
  search,
}: {
  dashboard: DashboardView;
  search: RefObject<HTMLInputElement | null>;
}) {
  const { entries, connection, selected, help } = dashboard;
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
        notice={notice && <NoticeBanner notice={notice} />}
        onClose={close}
        onBarge={confirm.ask}
      />
    );
  }
  return (
    <ChatPanel
      view={selected.view}
      ended={ended}
      notice={text && <TextNoticeBanner notice={text} />}
      tab={tab}
      onTab={setTab}
      onClose={close}
      onBarge={confirm.ask}
    />
  );
}
