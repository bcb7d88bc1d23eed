import { type ComponentType, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

export interface Lazy<P extends object> {
  readonly Part: ComponentType<P>;
  /** Fetches it before it is needed. */
  readonly preload: () => void;
}

/**
 * A part of a page that is fetched when it is first shown. Unlike React's own `lazy`, one that can't be fetched says so
 * in its place and can be asked for again: the page goes on, and with it what is heard and said there.
 */
export function lazily<P extends object>(fetch: () => Promise<ComponentType<P>>): Lazy<P> {
  let there: ComponentType<P> | null = null;
  let coming: Promise<ComponentType<P>> | null = null;
  const get = async () => {
    coming ??= fetch();
    try {
      return (there = await coming);
    } catch (error) {
      // The next one who asks tries again.
      coming = null;
      throw error;
    }
  };
  function Part(props: P) {
    const [Loaded, setLoaded] = useState<ComponentType<P> | null>(() => there);
    const [failed, setFailed] = useState(false);
    const load = useCallback(() => {
      setFailed(false);
      get().then(
        (loaded) => setLoaded(() => loaded),
        () => setFailed(true),
      );
    }, []);
    useEffect(load, [load]);
    if (Loaded) return <Loaded {...props} />;
    return failed ? <NotLoaded onAgain={load} /> : null;
  }
  return { Part, preload: () => void get().catch(() => undefined) };
}

function NotLoaded({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation();
  return (
    <p role="alert">
      {t("notLoaded")}{" "}
      <Button size="small" onPress={onAgain}>
        {t("again")}
      </Button>
    </p>
  );
}
