import { useMemo, useRef } from "react";
import type { Entry } from "./entry";
import { type Filter, inOrderOf, ordered, type Sort } from "./rows";

/** The rows in order; while `frozen` they keep their places, and newcomers come last. */
export function useOrder(entries: readonly Entry[], filter: Filter, sort: Sort, frozen: boolean): Entry[] {
  const places = useRef<{ sort: Sort; ids: string[] }>({ sort, ids: [] });
  const fresh = useMemo(() => ordered(entries, filter, sort), [entries, filter, sort]);
  // A new sorting is the user's own wish: it takes effect under the pointer too.
  const rows = frozen && places.current.sort === sort ? inOrderOf(places.current.ids, fresh) : fresh;
  places.current = { sort, ids: rows.map(({ id }) => id) };
  return rows;
}
