import { useSyncExternalStore } from "react";
import type { Readable } from "./store";

/** What a store holds; rerenders when it changes. */
export function useStore<T>(store: Readable<T>): T;
/** A part of it. `select` must return the same object for the same state. */
export function useStore<T, P>(store: Readable<T>, select: (state: T) => P): P;
export function useStore<T, P>(store: Readable<T>, select?: (state: T) => P): T | P {
  return useSyncExternalStore(store.subscribe, () => (select ? select(store.get()) : store.get()));
}
