/** Rows of a table at most: more are found by searching. */
export const ROWS_MAX = 200;

/** Those in whose texts every word is found, wherever it stands, in any case. */
export function found<T>(all: readonly T[], search: string, texts: (one: T) => readonly string[]): T[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...all];
  return all.filter((one) => {
    const text = texts(one).join("\n").toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Names by id, for lists that hold ids. */
export function namesOf(ids: readonly string[], all: readonly { id: string; name: string }[]): string[] {
  return all.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}
