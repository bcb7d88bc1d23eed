/**
 * The browser's storage, as far as it may be used: a browser can forbid it, above all to a page in
 * another site's frame. Then nothing is kept beyond the page.
 */
export interface Kept {
  get(key: string): string | null;
  /** `null` removes it. */
  set(key: string, value: string | null): void;
  /** The keys of what is kept. */
  keys(): string[];
}

/** Stays in this browser. */
export const local: Kept = kept(() => window.localStorage);
/** Stays in this tab, over reloads. */
export const session: Kept = kept(() => window.sessionStorage);

function kept(storage: () => Storage): Kept {
  return {
    get(key) {
      try {
        return storage().getItem(key);
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value === null) storage().removeItem(key);
        else storage().setItem(key, value);
      } catch {
        // Forbidden, or full: the page goes on without.
      }
    },
    keys() {
      try {
        return Object.keys(storage());
      } catch {
        return [];
      }
    },
  };
}
