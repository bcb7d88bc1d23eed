import { useCallback, useEffect, useRef, useState } from "react";

/** What comes after the form: fetched while it is filled in. */
export interface Later<T> {
  readonly there: T | null;
  /** It is wanted, and not there yet. */
  readonly isAwaited: boolean;
  /** It was wanted and can't be had; the next use tries again. */
  readonly failed: boolean;
  /** It could not be had so far, wanted or not. */
  readonly isMissing: boolean;
  /** Uses it: at once if it is there, so that the browser sees the click; or else once it is. */
  use(how: (there: T) => void): void;
}

/** `fetch` has to stay the same. It is fetched once; what could not be fetched is tried again when it is used. */
export function useLater<T>(fetch: () => Promise<T>): Later<T> {
  const [there, setThere] = useState<T | null>(null);
  const [failed, setFailed] = useState(false);
  const [isMissing, setMissing] = useState(false);
  const [isAwaited, setAwaited] = useState(false);
  const coming = useRef<Promise<void> | null>(null);
  const wish = useRef<((there: T) => void) | null>(null);
  const load = useCallback(() => {
    coming.current ??= fetch().then(
      (got) => {
        setThere(() => got);
        setAwaited(false);
        setMissing(false);
        wish.current?.(got);
        wish.current = null;
      },
      () => {
        coming.current = null;
        setAwaited(false);
        setMissing(true);
        setFailed(wish.current !== null);
        wish.current = null;
      },
    );
  }, [fetch]);
  useEffect(load, [load]);
  const use = (how: (there: T) => void) => {
    if (there !== null) return how(there);
    wish.current = how;
    setFailed(false);
    setAwaited(true);
    load();
  };
  return { there, isAwaited, failed, isMissing, use };
}
