import { createContext, useContext, useSyncExternalStore } from "react";
import type { LiveState } from "./state";
import type { LiveStore } from "./store";

export const LiveContext = createContext<LiveStore | null>(null);

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (!store) throw new Error("useLiveStore needs a LiveContext above it");
  return store;
}

/** A part of the live state. `select` must return the same object for the same state. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
