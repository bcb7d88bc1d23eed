import * as v from "valibot";
import { local } from "../../../browser/storage";
import { createStore, type Store } from "../../../store/store";
import { useStore } from "../../../store/useStore";
import { restored } from "../../../wire/schema";
import { type Budget, DEFAULT_THRESHOLDS, SIGN_KINDS, type Thresholds } from "../model/signs";

/** What one supervisor wants to be told, and from where on; kept in their browser. */
export interface SignSettings extends Budget {
  /** By queue; `""`: every queue that has none of its own. */
  readonly thresholds: Readonly<Record<string, Thresholds>>;
}

export const PER_HOUR_MAX = 60;
export const SECONDS_MAX = 3600;
const DEFAULTS: SignSettings = { muted: new Set(), perHour: 20, thresholds: {} };

const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SECONDS_MAX));
const percent = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100));
const KEPT = v.object({
  muted: v.array(v.picklist(SIGN_KINDS)),
  perHour: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(PER_HOUR_MAX)),
  thresholds: v.record(
    v.string(),
    v.object({ deadAirS: seconds, talkOverPercent: percent, holdS: seconds, helpS: seconds }),
  ),
});

const stores = new Map<string, Store<SignSettings>>();

/** The settings of this user, and how they are changed. */
export function useSignSettings(user: string): [SignSettings, (change: Partial<SignSettings>) => void] {
  const key = `sotto.signs.${user}`;
  const store = stores.get(key) ?? read(key);
  const change = (next: Partial<SignSettings>) => {
    store.patch(next);
    const { muted, ...rest } = store.get();
    local.set(key, JSON.stringify({ ...rest, muted: [...muted] }));
  };
  return [useStore(store), change];
}

function read(key: string): Store<SignSettings> {
  const kept = restored(KEPT, local.get(key));
  const store = createStore<SignSettings>(kept ? { ...kept, muted: new Set(kept.muted) } : DEFAULTS);
  stores.set(key, store);
  return store;
}

/** A queue's thresholds: its own, or those of every queue. */
export function thresholdsOf({ thresholds }: SignSettings, queue: string | undefined): Thresholds {
  return thresholds[queue ?? ""] ?? thresholds[""] ?? DEFAULT_THRESHOLDS;
}
