import { useRef } from "react";
import type { CallView } from "../../../wire/generated";
import { type Filter, inOrderOf, ordered, type Sort } from "./rows";

/** The rows in order; while `frozen` they keep their places, and newcomers come last. */
export function useOrder(calls: ReadonlyMap<string, CallView>, filter: Filter, sort: Sort, frozen: boolean): CallView[] {
  const places = useRef<{ sort: Sort; ids: string[] }>({ sort, ids: [] });
  const fresh = ordered(calls.values(), filter, sort);
  // A new sorting is the user's own wish: it takes effect under the pointer too.
  const rows = frozen && places.current.sort === sort ? inOrderOf(places.current.ids, fresh) : fresh;
  places.current = { sort, ids: rows.map((call) => call.id) };
  return rows;
}
