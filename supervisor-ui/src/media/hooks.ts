import { createContext, useContext } from "react";
import type { Station, StationView } from "./station";
import { useStore } from "../store/useStore";

export const StationContext = createContext<Station | null>(null);

export function useStation(): Station {
  const station = useContext(StationContext);
  if (!station) throw new Error("useStation needs a StationContext above it");
  return station;
}

/** Whether sound comes and goes between this page and the server. */
export function useSound(): "up" | "down" {
  return useStationView(({ state, path }) => (state.kind === "ready" && path === "up" ? "up" : "down"));
}

export function useStationView<T>(select: (view: StationView) => T): T {
  const station = useStation();
  return useStore(station.view, select);
}
