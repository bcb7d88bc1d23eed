import { createContext, useContext } from "react";
import type { Caller } from "./caller";
import type { CallerView } from "./view";
import { useStore } from "../../store/useStore";

export const CallerContext = createContext<Caller | null>(null);

export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (!caller) throw new Error("useCaller needs a CallerContext above it");
  return caller;
}

export function useCallerView(): CallerView {
  const caller = useCaller();
  return useStore(caller.view);
}
