import { useSyncExternalStore } from "react";
import type { Role } from "../wire/generated";

export type Route = "login" | "supervisor" | "agent" | "admin" | "call" | "home";

/** The page of a path. Anything unknown is the home page, which leads on by role. */
export function routeOf(path: string): Route {
  const first = path.split("/")[1] ?? "";
  return first === "login" || first === "supervisor" || first === "agent" || first === "admin" || first === "call"
    ? first
    : "home";
}

/** Where a role works. */
export function pageOf(role: Role): Exclude<Route, "home" | "login" | "admin"> {
  switch (role) {
    case "supervisor":
    case "admin":
      return "supervisor";
    case "agent":
      return "agent";
    case "caller":
      return "call";
  }
}

export function navigate(path: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

export function useRoute(): Route {
  return useSyncExternalStore(onNavigated, () => routeOf(location.pathname));
}

/** The whole path, for what lies below a route. */
export function usePath(): string {
  return useSyncExternalStore(onNavigated, () => location.pathname);
}

function onNavigated(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}
