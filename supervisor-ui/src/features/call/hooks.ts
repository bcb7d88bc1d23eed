import { createContext, useContext, useSyncExternalStore } from "react";
import type { Caller, CallerView } from "./caller";

export const CallerContext = createContext<Caller | null>(null);

export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (!caller) throw new Error("useCaller needs a CallerContext above it");
  return caller;
}

export function useCallerView(): CallerView {
  const caller = useCaller();
  return useSyncExternalStore(caller.subscribe, caller.getView);
}
