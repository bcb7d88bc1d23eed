import { Keyboard } from "lucide-react";
import { type ReactNode, Suspense, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePath } from "../../browser/address";
import { Bar } from "../../shell/Bar";
import { useSidePages } from "../../shell/pages";
import { IconButton } from "../../ui/Button";
import { BarStatement } from "./BarStatement";
import css from "./Dashboard.module.css";
import { HelpPage } from "./help/HelpPage";
import { useHelpNews, useOpenedAt } from "./help/useHelpNews";
import { LivePage } from "./LivePage";
import { LiveNotices } from "./LiveNotices";
import { placeOf } from "./pages";
import { BargeDialog } from "./panel/BargeDialog";
import { hearingOf } from "./panel/hearing";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { JoinDialog } from "./text/JoinDialog";
import { useBeside } from "./supervision/useBeside";
import { useTagged } from "./text/useTagged";
import { SupervisorRail } from "./SupervisorRail";
import { type DashboardView, useDashboard } from "./useDashboard";
import { useSupervisorTab } from "./useSupervisorTab";

/** Bar, rail, and the page of the path. Who hears or sees the user is said on each of them. */
export function Dashboard() {
  const { t } = useTranslation("supervisor");
  const { t: common } = useTranslation();
  const search = useRef<HTMLInputElement>(null);
  const dashboard = useDashboard(search);
  const side = useSidePages();
  const place = placeOf(usePath());
  const isLive = side.open === null && place === "live";
  const title = side.open?.label ?? t(place === "live" ? "title" : "help.label");
  const shown = isLive ? (dashboard.selected?.id ?? null) : null;
  useSupervisorTab(title);
  useBeside();
  useTagged();
  useHelpNews(dashboard.requests, useOpenedAt(), dashboard.open);
  return (
    <div className={css["app"]}>
      <a className={css["skip"]} href="#live">
        {common("skip")}
      </a>
      <Bar
        title={title}
        connection={dashboard.connection}
        tools={
          <IconButton aria-label={t("shortcuts.title")} onPress={() => dashboard.setShortcutsOpen(true)}>
            <Keyboard size={18} aria-hidden="true" />
          </IconButton>
        }
      >
        <BarStatement shown={shown} onShow={dashboard.open} />
      </Bar>
      <SupervisorRail place={place} side={side} waiting={dashboard.requests.filter(({ takenBy }) => !takenBy).length} />
      {isLive ? (
        <LivePage dashboard={dashboard} search={search} />
      ) : (
        <Page dashboard={dashboard} label={title}>
          {side.open?.content ?? <HelpPage dashboard={dashboard} />}
        </Page>
      )}
      <Confirmations dashboard={dashboard} />
      <ShortcutsDialog isOpen={dashboard.shortcutsOpen} onClose={() => dashboard.setShortcutsOpen(false)} />
    </div>
  );
}

/** Another page in the place of the live one; who hears or sees the supervisor stays in the bar. */
function Page({ dashboard, label, children }: { dashboard: DashboardView; label: string; children: ReactNode }) {
  const { t: common } = useTranslation();
  return (
    <main id="live" tabIndex={-1} className={css["page"]} aria-label={label}>
      <LiveNotices connection={dashboard.connection} selected={null} />
      <Suspense fallback={<p role="status">{common("loading")}</p>}>{children}</Suspense>
    </main>
  );
}

/** Before the customer knows of the user. */
function Confirmations({ dashboard: { selected, confirm } }: { dashboard: DashboardView }) {
  const isOpen = selected !== null && confirm.about === selected.id;
  return (
    <>
      {selected?.kind === "call" && (
        <BargeDialog
          isOpen={isOpen}
          hearing={hearingOf(selected.call, "barge", undefined)}
          onCancel={confirm.cancel}
          onConfirm={confirm.yes}
        />
      )}
      {selected?.kind === "chat" && (
        <JoinDialog
          isOpen={isOpen}
          customer={selected.view.requester.name}
          onCancel={confirm.cancel}
          onConfirm={confirm.yes}
        />
      )}
    </>
  );
}
