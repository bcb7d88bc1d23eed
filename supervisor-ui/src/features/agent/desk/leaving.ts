/** Calls back when the page is left. */
export function onLeaving(leave: () => void): () => void {
  window.addEventListener("pagehide", leave);
  return () => window.removeEventListener("pagehide", leave);
}
