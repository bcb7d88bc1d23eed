import { AudioLines, Hand, Keyboard } from "lucide-react";
import { type ReactNode, Suspense, useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePath } from "../../browser/address";
import { toneOf } from "../../hearing/plan";
import { useLiveStore } from "../../live/hooks";
import { Bar } from "../../shell/Bar";
import { Rail, type RailEntry, ShortcutsContext, type SidePages, useSidePages } from "../../shell/Rail";
import { useTab } from "../../shell/useTab";
import { IconButton } from "../../ui/Button";
import { lazily } from "../../ui/lazily";
import { shortName } from "../../ui/names";
import { toast } from "../../ui/toasts";
import { BarStatement } from "./BarStatement";
import { LiveNotices, LivePage } from "./LivePage";
import { OpenContext } from "./board/open";
import { useHelpNews, useOpenedAt } from "./dashboard/help";
import { type DashboardView, useDashboard } from "./dashboard/useDashboard";
import { useFollowing } from "./follow/hooks";
import { HELP, LIVE, placeOf } from "./model/keys";
import { textWords } from "./panel/ChatStatement";
import { wordsOf } from "./panel/Statement";
import { useBeside, useCallStatement, useTextStatement } from "./supervision/hooks";
import css from "./Dashboard.module.css";

const helpPage = lazily(() => import("./help/HelpPage").then((m) => m.HelpPage));
const bargeDialog = lazily(() => import("./panel/BargeDialogs").then((m) => m.BargeDialog));
const joinDialog = lazily(() => import("./panel/BargeDialogs").then((m) => m.JoinDialog));
const takeOverDialog = lazily(() => import("./panel/TakeOver").then((m) => m.TakeOverDialog));
const shortcuts = lazily(() => import("./ShortcutsDialog").then((m) => m.ShortcutsDialog));

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
  const { setShortcutsOpen } = dashboard;
  const openShortcuts = useCallback(() => setShortcutsOpen(true), [setShortcutsOpen]);
  const shown = isLive ? (dashboard.selected?.id ?? null) : null;
  useSupervisorTab(title);
  useBeside();
  useFollowing();
  useTagged();
  usePreloads();
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
          <IconButton aria-label={t("shortcuts.title")} onPress={openShortcuts}>
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
          <ShortcutsContext value={openShortcuts}>
            <OpenContext value={dashboard.open}>
              {side.open?.content ?? <helpPage.Part dashboard={dashboard} />}
            </OpenContext>
          </ShortcutsContext>
        </Page>
      )}
      <Confirmations dashboard={dashboard} />
      {dashboard.shortcutsOpen && <shortcuts.Part isOpen onClose={() => dashboard.setShortcutsOpen(false)} />}
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
  const asked = selected !== null && confirm.about === selected.id;
  const isOpen = asked && confirm.step === "barge";
  return (
    <>
      {selected && asked && confirm.step === "take_over" && (
        <takeOverDialog.Part
          isOpen
          of={selected.kind === "call" ? { call: selected.call } : { view: selected.view }}
          onCancel={confirm.cancel}
          onConfirm={confirm.yes}
        />
      )}
      {selected?.kind === "call" && (
        <bargeDialog.Part isOpen={isOpen} call={selected.call} onCancel={confirm.cancel} onConfirm={confirm.yes} />
      )}
      {selected?.kind === "chat" && (
        <joinDialog.Part
          isOpen={isOpen}
          customer={selected.view.requester.name}
          onCancel={confirm.cancel}
          onConfirm={confirm.yes}
        />
      )}
    </>
  );
}

export interface SupervisorRailProps {
  place: "live" | "help";
  side: SidePages;
  /** Requests for help that nobody has taken up. */
  waiting: number;
}

/** The pages of a supervisor; help with the number of requests that wait. */
function SupervisorRail({ place, side, waiting }: SupervisorRailProps) {
  const { t } = useTranslation("supervisor");
  const own = (key: "live" | "help") => side.open === null && place === key;
  const entries: RailEntry[] = [
    { href: LIVE, label: t("title"), icon: AudioLines, current: own("live") },
    {
      href: HELP,
      label: t("rail.help"),
      icon: Hand,
      current: own("help"),
      ...(waiting > 0 && { count: { value: waiting, label: t("rail.waiting", { count: waiting }) } }),
    },
    ...side.entries,
  ];
  return <Rail label={t("nav")} entries={entries} />;
}

/** Tells that a colleague has brought the user in, by `@name`. */
function useTagged(): void {
  const { t } = useTranslation("supervisor");
  const live = useLiveStore();
  useEffect(
    () =>
      live.tapText((envelope) => {
        if (envelope.type !== "conversation.tagged") return;
        toast(
          t("text.broughtIn", { name: shortName(envelope.by.name), customer: envelope.conversation.requester.name }),
        );
      }),
    [live, t],
  );
}

/** What is wanted next, most often; it is small, and comes when the page stands. */
function usePreloads(): void {
  useEffect(() => {
    helpPage.preload();
    bargeDialog.preload();
    joinDialog.preload();
    takeOverDialog.preload();
    shortcuts.preload();
  }, []);
}

/** Title, icon and frame of the window: who hears the user, or else who sees them. */
function useSupervisorTab(title: string): void {
  const { t } = useTranslation("supervisor");
  const voice = useCallStatement();
  const text = useTextStatement();
  const inText = voice.mode === "off" && text.mode !== "off" && text.mode !== "lost";
  const words = inText
    ? textWords(t, text).join(" – ")
    : voice.mode === "off"
      ? title
      : wordsOf(t, "bar", voice).join(" – ");
  const said = inText ? text : voice;
  useTab(toneOf(said.mode === "elsewhere" ? said.there : said.mode), words);
}
