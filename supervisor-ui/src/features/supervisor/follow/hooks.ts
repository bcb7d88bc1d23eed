import { createContext, useContext, useEffect, useMemo, useRef } from "react";
import { useLive } from "../../../live/hooks";
import { createStore, type Store } from "../../../store/store";
import { useStore } from "../../../store/useStore";
import { useCallSupervision, useEnter, useTextSupervision } from "../supervision/hooks";
import { type Followed, nextToFollow } from "./follow";

/** Whom the supervisor follows: kept by the pages above, and gone with them. */
export const FollowContext = createContext<Store<Followed | null> | null>(null);

export function createFollow(): Store<Followed | null> {
  return createStore<Followed | null>(null);
}

/** Whom the supervisor follows, and how that is changed. */
export function useFollowed(): [Followed | null, (followed: Followed | null) => void] {
  const store = useContext(FollowContext);
  if (!store) throw new Error("useFollowed needs a FollowContext above it");
  const followed = useStore(store);
  return useMemo(() => [followed, (next) => store.set(next)], [followed, store]);
}

/**
 * Begins to listen to each call of the followed agent, by the same way as a click. A lost connection ends
 * it: after any fault supervision is off.
 */
export function useFollowing(): void {
  const [followed, follow] = useFollowed();
  const enter = useEnter();
  const calls = useLive((state) => state.calls);
  const connection = useLive((state) => state.connection.kind);
  const voice = useCallSupervision();
  const text = useTextSupervision("chats");
  const tried = useRef({ of: followed, calls: new Set<string>() });
  useEffect(() => {
    if (tried.current.of !== followed) tried.current = { of: followed, calls: new Set() };
    if (followed !== null && connection !== "live") return follow(null);
    const busy = [voice, text].some(({ held, pending }) => held !== null || pending !== null);
    const next = nextToFollow(followed, calls.values(), { busy, tried: tried.current.calls });
    // While one listens to a call of theirs by hand, it counts as listened to.
    if (voice.held) tried.current.calls.add(voice.held.at);
    if (next === null) return;
    tried.current.calls.add(next);
    enter("call", next);
  }, [followed, follow, enter, calls, connection, voice, text]);
}
