const STORED = "sotto.seen.";

/** Up to where this user had looked before the tab was loaded anew. */
export function storedSeen(user: string): [conversation: string, number: number][] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORED + user) ?? "{}");
    return Object.entries(stored ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  } catch {
    return [];
  }
}

export function storeSeen(user: string, seen: ReadonlyMap<string, number>): void {
  sessionStorage.setItem(STORED + user, JSON.stringify(Object.fromEntries(seen)));
}
