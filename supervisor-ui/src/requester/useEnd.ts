import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";

/** So near the end one is at the end. */
const NEAR_PX = 48;

/** Keeps a reader who is at the end there, and tells one who has scrolled up that there is something new. */
export function useEnd(
  box: RefObject<HTMLElement | null>,
  last: string,
  isOwn: boolean,
): { isBehind: boolean; toEnd: () => void } {
  const [atEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(last);
  const toEnd = useCallback(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
    setAtEnd(true);
  }, [box]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [box]);

  // Pictures that load and a window that shrinks must not push the end away.
  useEffect(() => {
    const element = box.current;
    if (!element || !atEnd || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(toEnd);
    observer.observe(element);
    [...element.children].forEach((child) => observer.observe(child));
    return () => observer.disconnect();
  }, [box, atEnd, toEnd, last]);

  useLayoutEffect(() => {
    if (atEnd || isOwn) toEnd();
    if (atEnd) setSeen(last);
  }, [last, isOwn, atEnd, toEnd]);

  return { isBehind: !atEnd && seen !== last, toEnd };
}
