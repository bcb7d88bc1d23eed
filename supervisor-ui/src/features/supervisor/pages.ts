/** Where a supervisor's own pages are. */
export const LIVE = "/supervisor";
export const HELP = "/supervisor/help";

/** Which of the two a path names; what is unknown is the live page. */
export function placeOf(path: string): "live" | "help" {
  return path === HELP || path.startsWith(`${HELP}/`) ? "help" : "live";
}
