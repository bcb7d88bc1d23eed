import { usePath } from "../browser/address";
import type { Role } from "../wire/generated";

export type Route = "login" | "supervisor" | "agent" | "admin" | "call" | "home";

/** The page of a path. Anything unknown is the home page, which leads on by role. */
function routeOf(path: string): Route {
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

export function useRoute(): Route {
  return routeOf(usePath());
}
