import * as v from "valibot";
import { local } from "../browser/storage";
import { restored } from "../wire/schema";
import { actionsOf, type Keymap, remapped } from "./keymap";
import { createStore, type Readable, type Store } from "../store/store";
import { useStore } from "../store/useStore";

interface KeySettingsView<A extends string> {
  readonly enabled: boolean;
  readonly map: Keymap<A>;
}

const Stored = v.object({ enabled: v.boolean(), map: v.record(v.string(), v.string()) });

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
    local.set(this.name, JSON.stringify(view));
  }

  /** What was stored by another version is taken as far as it fits. */
  private stored(): KeySettingsView<A> {
    const { enabled, map } = restored(Stored, local.get(this.name)) ?? { enabled: true, map: {} };
    const known: Record<A, string> = { ...this.defaults };
    for (const action of actionsOf(known)) known[action] = map[action] ?? known[action];
    return { enabled, map: known };
  }
}

export function useKeySettings<A extends string>(settings: KeySettings<A>): KeySettingsView<A> {
  return useStore(settings.view);
}
