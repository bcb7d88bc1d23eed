import type { LiveStore } from "../live/store";
import type { Station } from "../media/station";

/**
 * What `?debug=1` puts at `window.sottoDebug`, for measurements and tests: the live store, and the
 * station with its remote sound (`station.remoteStream()`) and figures (`station.getView()`).
 */
export interface SottoDebug {
  live: LiveStore;
  station: Station;
}

declare global {
  interface Window {
    sottoDebug?: SottoDebug;
  }
}

export function exposeForDebugging(handle: SottoDebug): () => void {
  if (new URLSearchParams(location.search).get("debug") !== "1") return () => undefined;
  window.sottoDebug = handle;
  return () => delete window.sottoDebug;
}
