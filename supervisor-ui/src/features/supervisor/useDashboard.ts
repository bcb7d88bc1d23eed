import { type RefObject, useCallback, useMemo, useState } from "react";
import { navigate } from "../../browser/address";
import { useLive, useText } from "../../live/hooks";
import { useHelpActions } from "./help/useHelp";
import { newestHelp, type Request, requestsOf } from "./help/requests";
import { LIVE } from "./pages";
import { useCallSupervision, useTextSupervision } from "./supervision/hooks";
import { entriesOf } from "./table/entry";
import { DEFAULT_SORT, type Filter, NO_FILTER, type Sort } from "./table/rows";
import { useEnter } from "./supervision/useEnter";
import { useConfirm } from "./useConfirm";
import { useDensity } from "./useDensity";
import { useSelected } from "./useSelected";
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
    // From Whisper or Barge it is always the way back, whatever is selected.
    listen(held && held.mode !== "listen" ? held.at : (openId ?? focused ?? held?.at));
  };
  useSupervisorKeys({
    listen: toListen,
    barge: confirm.ask,
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
