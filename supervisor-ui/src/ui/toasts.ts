import { createStore } from "../store/store";
import { useStore } from "../store/useStore";

/** A sentence that shows for a while. Of who hears or reads whom a toast never speaks. */
export interface Toast {
  readonly id: number;
  readonly kind: "done" | "refused";
  readonly text: string;
}

const SHOWN_MS = 6000;
/** Refusals say what to do: there is more to read. */
const REFUSED_MS = 12_000;
const TOASTS_MAX = 4;

const shown = createStore<readonly Toast[]>([]);
let last = 0;

export function toast(text: string, kind: Toast["kind"] = "done"): void {
  const next: Toast = { id: ++last, kind, text };
  shown.set([...shown.get().filter((other) => other.text !== text), next].slice(-TOASTS_MAX));
  setTimeout(() => dismiss(next.id), kind === "done" ? SHOWN_MS : REFUSED_MS);
}

export function dismiss(id: number): void {
  shown.set(shown.get().filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useStore(shown);
}
