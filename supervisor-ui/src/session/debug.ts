import type { LiveStore } from "../live/store";
import type { Station } from "../media/station";

/**
 * What `?debug=1` puts at `window.sottoDebug`, for measurements and tests: the live store (on the staff's
 * pages), and the station with its remote sound (`station.remoteStreams()`) and figures (`station.view.get()`).
 */
export interface SottoDebug {
  live?: LiveStore;
  station: Station;
}

declare global {
  interface Window {
    sottoDebug?: SottoDebug;
  }
}

export function exposeForDebugging(handle: SottoDebug): () => void {
  if (!wanted()) return () => undefined;
  window.sottoDebug = handle;
  return () => delete window.sottoDebug;
}

/** `?debug=1&mic=raw` leaves out the browser's sound processing, for measuring with tones. */
export function rawMicrophone(): boolean {
  return wanted() && new URLSearchParams(location.search).get("mic") === "raw";
}

function wanted(): boolean {
  return new URLSearchParams(location.search).get("debug") === "1";
}
