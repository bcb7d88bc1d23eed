import { useLiveStore } from "../../../live/hooks";
import { useTicking } from "../../../browser/ticking";
import { clock } from "../../../ui/names";

/** Time since then, by the server's clock. */
export function Elapsed({ from }: { from: number }) {
  const live = useLiveStore();
  return <>{useTicking(() => clock(live.serverNow() - from))}</>;
}
