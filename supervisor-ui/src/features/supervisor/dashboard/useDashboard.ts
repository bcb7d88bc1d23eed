import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { navigate } from "../../../browser/address";
import { local } from "../../../browser/storage";
import { useLive, useText } from "../../../live/hooks";
import { entriesOf, type Entry } from "../model/entry";
import { LIVE } from "../model/keys";
import { newestHelp, type Request, requestsOf } from "../model/requests";
import { DEFAULT_SORT, type Filter, NO_FILTER, type Sort } from "../model/rows";
import { useCallSupervision, useEnter, useTextSupervision } from "../supervision/hooks";
import { useHelpActions } from "./help";
import { useConfirm } from "./useConfirm";
import { useSupervisorKeys } from "./useSupervisorKeys";

export type DashboardView = ReturnType<typeof useDashboard>;

/** What a supervisor's pages show and do: the selection, the filters, help, and the keys. */
export function useDashboard(search: RefObject<HTMLInputElement | null>) {
  const { take } = useHelpActions();
  const enter = useEnter();
  const calls = useLive((state) => state.calls);
  const conversations = useText((state) => state.conversations);
  const connection = useLive((state) => state.connection);
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [sort, setSort] = useState<Sort>(DEFAULT_SORT);
  const [density, setDensity] = useDensity();
  const [openId, setOpenId] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [later, setLater] = useState<ReadonlySet<string>>(new Set());
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const entries = useMemo(() => entriesOf(calls.values(), conversations.values()), [calls, conversations]);
  const requests = useMemo(() => requestsOf(entries), [entries]);
  const help = useMemo(() => newestHelp(requests, later), [requests, later]);
  const selected = useSelected(openId);

  const open = useCallback((id: string) => {
    setOpenId(id);
    setFocused(id);
    if (location.pathname !== LIVE) navigate(LIVE);
  }, []);
  const confirm = useConfirm(open);
  const held = useHeld();
  const isThere = (id: string) => calls.get(id)?.state === "active" || conversations.has(id);
  const listen = (id: string | null | undefined) => {
    if (!id || connection.kind !== "live" || !isThere(id)) return;
    open(id);
    enter(calls.has(id) ? "call" : "chat", id);
  };
  const answerHelp = (request: Request) => {
    if (!request.takenBy) take(request);
    listen(request.id);
  };
  const toListen = () => {
    confirm.cancel();
    // From any other mode it is always the way back, whatever is selected.
    listen(held && held.mode !== "listen" ? held.at : (openId ?? focused ?? held?.at));
  };
  useSupervisorKeys({
    listen: toListen,
    barge: confirm.ask,
    takeOver: confirm.askTakeOver,
    cancel: confirm.cancel,
    help: () => help.open && answerHelp(help.open),
    search: () => search.current?.focus(),
    shortcuts: () => setShortcutsOpen(true),
  });

  return {
    entries,
    requests,
    connection,
    filter,
    setFilter,
    sort,
    setSort,
    density,
    setDensity,
    selected,
    open,
    focused,
    setFocused,
    close: () => setOpenId(null),
    help,
    answerHelp,
    putOff: ({ key }: Request) => setLater((before) => new Set(before).add(key)),
    confirm,
    shortcutsOpen,
    setShortcutsOpen,
  };
}

/** Where the user is, as confirmed: on a call or in a conversation. */
export function useHeld() {
  const call = useCallSupervision().held;
  const chat = useTextSupervision("chats").held;
  return call ?? chat;
}

/** What is open in the panel, and whether it is over. */
export type Selected = Entry & { readonly ended: boolean };

/** The open call or conversation; once it is over, as it was at last. */
function useSelected(id: string | null): Selected | null {
  const last = useRef<Entry | null>(null);
  const call = useLive((state) => (id === null ? undefined : state.calls.get(id)));
  const view = useText((state) => (id === null ? undefined : state.conversations.get(id)));
  const closed = useText((state) => (id === null ? undefined : state.closed.get(id)));
  if (call) last.current = { kind: "call", id: call.id, call };
  else if (view ?? closed)
    last.current = { kind: "chat", id: (view ?? closed)?.id ?? "", view: (view ?? closed) as NonNullable<typeof view> };
  if (id === null || last.current?.id !== id) return null;
  return { ...last.current, ended: call === undefined && view === undefined };
}

const STORED = "sotto.density";

export type Density = "comfortable" | "compact";

/** How high the rows are; remembered in this browser. */
function useDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useState<Density>(() => (local.get(STORED) === "compact" ? "compact" : "comfortable"));
  return [
    density,
    (next) => {
      local.set(STORED, next);
      setDensity(next);
    },
  ];
}
