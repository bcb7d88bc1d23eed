import { useSyncExternalStore } from "react";
import { type Keymap, remapped } from "./keymap";

interface KeySettingsView<A extends string> {
  readonly enabled: boolean;
  readonly map: Keymap<A>;
}

/** A page's shortcuts: remappable, switchable off, remembered in this browser. */
export class KeySettings<A extends string> {
  private view: KeySettingsView<A>;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly name: string,
    private readonly defaults: Keymap<A>,
  ) {
    this.view = this.stored();
  }

  getView = (): KeySettingsView<A> => this.view;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  enable(enabled: boolean): void {
    this.set({ ...this.view, enabled });
  }

  remap(action: A, key: string): void {
    this.set({ ...this.view, map: remapped(this.view.map, action, key) });
  }

  reset(): void {
    this.set({ ...this.view, map: this.defaults });
  }

  private set(view: KeySettingsView<A>): void {
    this.view = view;
    localStorage.setItem(this.name, JSON.stringify(view));
    this.listeners.forEach((listener) => listener());
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
  return useSyncExternalStore(settings.subscribe, settings.getView);
}
