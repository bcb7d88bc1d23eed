import { randomKey } from "../../api/http";
import { local } from "../../browser/storage";
import type { FrameQuery } from "../../widget/protocol";

const KEPT = "sotto.visitor";

/**
 * A random id by which staff find this browser's earlier chats, where the site around the widget wants that; browsers
 * keep it for each site by itself. Without that wish nothing is kept, and what was kept is forgotten.
 */
export function visitor(): string | undefined {
  const query = new URLSearchParams(location.search);
  const said = (key: keyof FrameQuery) => query.get(key);
  if (said("embed") !== "1" || said("remember") !== "1") {
    local.set(KEPT, null);
    return undefined;
  }
  const known = local.get(KEPT);
  if (known !== null && /^[0-9a-f]{32}$/.test(known)) return known;
  const fresh = randomKey();
  local.set(KEPT, fresh);
  // What can't be kept would be another one each time.
  return local.get(KEPT) === fresh ? fresh : undefined;
}
