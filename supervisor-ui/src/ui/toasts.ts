import { useSyncExternalStore } from "react";

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

let shown: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

export function toast(text: string, kind: Toast["kind"] = "done"): void {
  const next: Toast = { id: ++last, kind, text };
  set([...shown.filter((other) => other.text !== text), next].slice(-TOASTS_MAX));
  setTimeout(() => dismiss(next.id), kind === "done" ? SHOWN_MS : REFUSED_MS);
}

export function dismiss(id: number): void {
  set(shown.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => shown);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: readonly Toast[]): void {
  shown = next;
  listeners.forEach((listener) => listener());
}
