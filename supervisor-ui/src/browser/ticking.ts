import { useSyncExternalStore } from "react";
import { createChannel } from "../store/store";

const TICK_MS = 250;

/** One timer for all clocks on the page, so that they step together. */
const ticks = createChannel({
  whileHeard() {
    const timer = setInterval(() => ticks.emit(), TICK_MS);
    return () => clearInterval(timer);
  },
});

/** Rerenders when `read` gives another value; `read` is looked at four times a second. */
export function useTicking<T extends string | number | boolean>(read: () => T): T {
  return useSyncExternalStore(ticks.listen, read);
}
