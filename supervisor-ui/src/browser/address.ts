import { useSyncExternalStore } from "react";

/** Goes to another page of ours without loading anything anew. */
export function navigate(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** The path that the address bar shows, followed through navigation. */
export function usePath(): string {
  return useSyncExternalStore(onNavigated, () => location.pathname);
}

function onNavigated(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}
