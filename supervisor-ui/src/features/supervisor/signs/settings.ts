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

// What else would be read is checked by hand: each of the library's checks would be in every page's share of it.
const KEPT = v.object({
  muted: v.array(v.string()),
  perHour: v.number(),
  thresholds: v.record(v.string(), v.unknown()),
});
const LIMITS: Readonly<Record<keyof Thresholds, number>> = {
  deadAirS: SECONDS_MAX,
  talkOverPercent: 100,
  holdS: SECONDS_MAX,
  helpS: SECONDS_MAX,
};

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
  const store = createStore(settingsOf(local.get(key)));
  stores.set(key, store);
  return store;
}

/** What of an administrator's choices for a queue is looked at here. */
interface Chosen {
  readonly queue: string;
  readonly signs: { dead_air_s: number; talk_over_percent: number; hold_s: number; help_s: number };
}

/** A queue's thresholds: the supervisor's own for it or for every queue, or those that an administrator chose. */
export function thresholdsOf(
  { thresholds }: SignSettings,
  queue: string | undefined,
  chosen: readonly Chosen[],
): Thresholds {
  return thresholds[queue ?? ""] ?? thresholds[""] ?? chosenFor(queue, chosen);
}

function chosenFor(queue: string | undefined, chosen: readonly Chosen[]): Thresholds {
  const signs = chosen.find((one) => one.queue === queue)?.signs;
  if (!signs) return DEFAULT_THRESHOLDS;
  const { dead_air_s: deadAirS, talk_over_percent: talkOverPercent, hold_s: holdS, help_s: helpS } = signs;
  return { deadAirS, talkOverPercent, holdS, helpS };
}

/** What was kept, as far as it is what it should be; the rest as it is at first. */
export function settingsOf(text: string | null): SignSettings {
  const kept = restored(KEPT, text);
  if (!kept) return DEFAULTS;
  const thresholds = Object.entries(kept.thresholds).flatMap(([queue, limits]) =>
    isThresholds(limits) ? [[queue, limits] as const] : [],
  );
  return {
    muted: new Set(SIGN_KINDS.filter((kind) => kept.muted.includes(kind))),
    perHour: isWhole(kept.perHour, 0, PER_HOUR_MAX) ? kept.perHour : DEFAULTS.perHour,
    thresholds: Object.fromEntries(thresholds),
  };
}

function isThresholds(limits: unknown): limits is Thresholds {
  return (
    typeof limits === "object" &&
    limits !== null &&
    Object.entries(LIMITS).every(([field, max]) => isWhole((limits as Record<string, unknown>)[field], 1, max))
  );
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}
