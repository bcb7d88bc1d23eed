import { useEffect, useRef, useState } from "react";
import { useTicking } from "../../../browser/ticking";
import { useLive, useLiveStore } from "../../../live/hooks";
import { useQueueChoices } from "../../../session/queues";
import type { Entry } from "../model/entry";
import { type Alerts, NO_ALERTS, nextAlerts, putAway, type Sign, signsOf } from "../model/signs";
import { thresholdsOf, useSignSettings } from "./settings";

/** The alerts of this moment, looked at each second, and the way to put one away. None without a connection. */
export function useAlerts(entries: readonly Entry[]): [readonly Sign[], (key: string) => void] {
  const store = useLiveStore();
  const me = useLive((state) => state.me?.id);
  const live = useLive((state) => state.connection.kind === "live");
  const [settings] = useSignSettings(me ?? "");
  const chosen = useQueueChoices();
  const now = useTicking(() => Math.floor(store.serverNow() / 1000) * 1000);
  const heldSince = useRef(new Map<string, number>());
  const [alerts, setAlerts] = useState<Alerts>(NO_ALERTS);
  useEffect(() => {
    if (!live) return;
    heldSince.current = heldFrom(entries, heldSince.current, now);
    const signs = signsOf(entries, {
      thresholdsOf: (queue) => thresholdsOf(settings, queue, chosen),
      heldSince: heldSince.current,
      now,
      me,
    });
    setAlerts((before) => nextAlerts(before, signs, settings, now));
  }, [entries, live, me, now, settings, chosen]);
  return [live ? alerts.shown : [], (key) => setAlerts((before) => putAway(before, key))];
}

/** Since when each call on hold is: the server tells that it is, not since when. */
function heldFrom(entries: readonly Entry[], before: ReadonlyMap<string, number>, now: number): Map<string, number> {
  const held = entries.filter((entry) => entry.kind === "call" && entry.call.held);
  return new Map(held.map(({ id }) => [id, before.get(id) ?? now]));
}
