import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { useKeys } from "../../keys/useKeys";
import { useLive } from "../../live/hooks";
import { useSession } from "../../session/session";
import type { CallView } from "../../wire/generated";
import type { Density } from "./FilterBar";
import { type SupervisorAction, supervisorKeys } from "./keys";
import { useSupervision, useSupervisionView } from "./supervision/hooks";
import { DEFAULT_SORT, type Filter, NO_FILTER, type Sort } from "./table/rows";
import { newestHelp, requestKey } from "./tiles/counts";

const DENSITY = "sotto.density";

export type DashboardView = ReturnType<typeof useDashboard>;

/** What the dashboard shows and does: the selection, the filters, and the keys. */
export function useDashboard(search: RefObject<HTMLInputElement | null>) {
  const { api } = useSession();
  const supervision = useSupervision();
  const { held } = useSupervisionView();
  const calls = useLive((state) => state.calls);
  const connection = useLive((state) => state.connection);
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [sort, setSort] = useState<Sort>(DEFAULT_SORT);
  const [density, setDensity] = useStoredDensity();
  const [openId, setOpenId] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [later, setLater] = useState<ReadonlySet<string>>(new Set());
  const [bargeAsked, setBargeAsked] = useState(false);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);
  const selected = useSelected(openId, calls);
  const help = useMemo(() => newestHelp(calls.values(), later), [calls, later]);

  const open = useCallback((call: string) => {
    setOpenId(call);
    setFocused(call);
  }, []);
  const listen = (call: string | null | undefined) => {
    if (!call || calls.get(call)?.state !== "active" || connection.kind !== "live") return;
    open(call);
    supervision.listen(call);
  };
  const answerHelp = (call: CallView) => {
    void api.help(call.id, { action: "take" }).catch(() => undefined);
    listen(call.id);
  };
  const askBarge = () => {
    if (!held || held.mode === "barge") return;
    open(held.call);
    if (supervision.mayBargeUnasked(held.call)) void supervision.speak("barge");
    else setBargeAsked(true);
  };
  const confirmBarge = () => {
    setBargeAsked(false);
    void supervision.speak("barge");
  };

  const press = (action: SupervisorAction) => {
    switch (action) {
      case "listen":
        setBargeAsked(false);
        // From Whisper or Barge it is always the way back, whatever is selected.
        return listen(held && held.mode !== "listen" ? held.call : (openId ?? focused ?? held?.call));
      case "stop":
        setBargeAsked(false);
        return supervision.stop();
      case "whisper":
        return void supervision.speak("whisper");
      case "barge":
        return askBarge();
      case "hold":
        return void supervision.hold();
      case "help":
        return help.open && answerHelp(help.open);
      case "search":
        return search.current?.focus();
      case "shortcuts":
        return setShortcutsOpen(true);
    }
  };
  useKeys<SupervisorAction>(supervisorKeys, {
    press: allowed(press, useLive((state) => state.me?.permissions ?? NO_RIGHTS)),
    release: (action) => action === "hold" && supervision.release(),
    everywhere: ["listen", "stop"],
  });

  return {
    calls, connection, filter, setFilter, sort, setSort, density, setDensity,
    selected, open, focused, setFocused, close: () => setOpenId(null),
    help, answerHelp, putOff: (call: CallView) => setLater((before) => new Set(before).add(requestKey(call))),
    bargeAsked: bargeAsked && held !== null && selected?.call.id === held.call,
    askBarge, confirmBarge, cancelBarge: () => setBargeAsked(false),
    shortcutsOpen, setShortcutsOpen,
  };
}

const NO_RIGHTS: readonly string[] = [];

/** Keys of modes that are not in the user's role do nothing. */
function allowed(press: (action: SupervisorAction) => void, permissions: readonly string[]) {
  const needs: Partial<Record<SupervisorAction, string>> = { listen: "monitor_live_calls", whisper: "whisper_live_calls", hold: "whisper_live_calls", barge: "barge_live_calls" };
  return (action: SupervisorAction) => {
    const right = needs[action];
    if (right === undefined || permissions.includes(right)) press(action);
  };
}

/** The open call; once it is over, as it was at last. */
function useSelected(id: string | null, calls: ReadonlyMap<string, CallView>): { call: CallView; ended: boolean } | null {
  const last = useRef<CallView | null>(null);
  const current = id === null ? undefined : calls.get(id);
  if (current) last.current = current;
  if (id === null || last.current?.id !== id) return null;
  return { call: last.current, ended: current === undefined };
}

function useStoredDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useState<Density>(() => (localStorage.getItem(DENSITY) === "compact" ? "compact" : "comfortable"));
  return [
    density,
    (next) => {
      localStorage.setItem(DENSITY, next);
      setDensity(next);
    },
  ];
}
