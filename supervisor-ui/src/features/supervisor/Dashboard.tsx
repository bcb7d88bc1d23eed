import { AudioLines, Keyboard } from "lucide-react";
import { Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/hooks";
import { Bar } from "../../shell/Bar";
import { useSidePages, type SidePage } from "../../shell/pages";
import { Rail } from "../../shell/Rail";
import { useTab } from "../../shell/useTab";
import { IconButton } from "../../ui/Button";
import { BarStatement } from "./BarStatement";
import css from "./Dashboard.module.css";
import { FilterBar } from "./FilterBar";
import { Foot } from "./Foot";
import { LostBanner, NoticeBanner } from "./Notices";
import { BargeDialog } from "./panel/BargeDialog";
import { hearingOf } from "./panel/hearing";
import { Panel } from "./panel/Panel";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useStatement, useSupervisionView } from "./supervision/hooks";
import { LiveTable } from "./table/LiveTable";
import { HelpCard } from "./tiles/HelpCard";
import { Tiles } from "./tiles/Tiles";
import { useDashboard } from "./useDashboard";

export function Dashboard() {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const side = useSidePages();
  const search = useRef<HTMLInputElement>(null);
  const dashboard = useDashboard(search);
  const { calls, connection, selected, help } = dashboard;
  const { notice } = useSupervisionView();
  const said = useStatement();
  const connected = connection.kind === "live";
  const [supervisedWhenLost, setSupervised] = useState(false);
  if (connected && supervisedWhenLost !== (said.mode !== "off")) setSupervised(said.mode !== "off");
  const notified = useLive((state) => state.policy.notify_agent_on_listen);
  const agent = said.mode === "whisper" ? said.agent : "";
  useTab(said.mode, said.mode === "off" ? t("title") : `${t(`statement.bar.${said.mode}.mode`)} – ${t(`statement.bar.${said.mode}.who`, { agent })}`);

  return (
    <div className={css["app"]}>
      <a className={css["skip"]} href="#live">{common("skip")}</a>
      <Bar
        title={side.open?.label ?? t("title")}
        connection={connection}
        tools={
          <IconButton aria-label={t("shortcuts.title")} onPress={() => dashboard.setShortcutsOpen(true)}>
            <Keyboard size={18} aria-hidden="true" />
          </IconButton>
        }
      >
        <BarStatement shownCall={selected?.call.id ?? null} onShow={dashboard.open} />
      </Bar>
      <Rail label={t("nav")} entries={[{ href: "/supervisor", label: t("title"), icon: AudioLines, current: side.open === null }, ...side.entries]} />
      {side.open ? <SideMain page={side.open} /> : <main id="live" tabIndex={-1} className={css["main"]}>
        {connection.kind === "lost" && <LostBanner connection={connection} supervised={supervisedWhenLost} />}
        {notice && !selected && <NoticeBanner notice={notice} />}
        <Tiles>
          <HelpCard open={help.open} taken={help.taken} disabled={!connected} onListen={dashboard.answerHelp} onLater={dashboard.putOff} />
        </Tiles>
        <FilterBar filter={dashboard.filter} onFilter={dashboard.setFilter} total={calls.size} density={dashboard.density} onDensity={dashboard.setDensity} searchRef={search} />
        <LiveTable dashboard={dashboard} />
        {!selected && <Foot />}
      </main>}
      {selected && !side.open && (
        <Panel
          call={selected.call}
          ended={selected.ended}
          notice={notice && <NoticeBanner notice={notice} />}
          onClose={dashboard.close}
          onBarge={dashboard.askBarge}
        />
      )}
      {selected && (
        <BargeDialog isOpen={dashboard.bargeAsked} hearing={hearingOf(selected.call, "barge", undefined, notified)} onCancel={dashboard.cancelBarge} onConfirm={dashboard.confirmBarge} />
      )}
      <ShortcutsDialog isOpen={dashboard.shortcutsOpen} onClose={() => dashboard.setShortcutsOpen(false)} />
    </div>
  );
}

/** Another page in the place of the live table; who hears the supervisor stays in the bar. */
function SideMain({ page }: { page: SidePage }) {
  const { t } = useTranslation();
  return (
    <main id="live" tabIndex={-1} className={css["main"]} aria-label={page.label}>
      <Suspense fallback={<p role="status">{t("loading")}</p>}>{page.content}</Suspense>
    </main>
  );
}
