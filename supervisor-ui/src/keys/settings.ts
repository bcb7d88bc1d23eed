import { type Keymap, remapped } from "./keymap";
import { createStore, type Readable, type Store } from "../store/store";
import { useStore } from "../store/useStore";

interface KeySettingsView<A extends string> {
  readonly enabled: boolean;
  readonly map: Keymap<A>;
}

/** A page's shortcuts: remappable, switchable off, remembered in this browser. */
export class KeySettings<A extends string> {
  private readonly store: Store<KeySettingsView<A>>;
  readonly view: Readable<KeySettingsView<A>>;

  constructor(
    private readonly name: string,
    private readonly defaults: Keymap<A>,
  ) {
    this.store = createStore(this.stored());
    this.view = this.store;
  }

  enable(enabled: boolean): void {
    this.set({ ...this.store.get(), enabled });
  }

  remap(action: A, key: string): void {
    this.set({ ...this.store.get(), map: remapped(this.store.get().map, action, key) });
  }

  reset(): void {
    this.set({ ...this.store.get(), map: this.defaults });
  }

  private set(view: KeySettingsView<A>): void {
    this.store.set(view);
    localStorage.setItem(this.name, JSON.stringify(view));
  }

  /** What was stored by another version is taken as far as it fits. */
  private stored(): KeySettingsView<A> {
    const map: Record<A, string> = { ...this.defaults };
    let enabled = true;
    try {
      const stored = JSON.parse(localStorage.getItem(this.name) ?? "{}") as {
        enabled?: unknown;
        map?: Record<string, unknown>;
      };
      enabled = stored.enabled !== false;
      for (const action of Object.keys(map) as A[]) {
        const key = stored.map?.[action];
        if (typeof key === "string") map[action] = key;
      }
    } catch {
      // Not ours, or damaged: the defaults hold.
    }
    return { enabled, map };
  }
}

export function useKeySettings<A extends string>(settings: KeySettings<A>): KeySettingsView<A> {
  return useStore(settings.view);
}
