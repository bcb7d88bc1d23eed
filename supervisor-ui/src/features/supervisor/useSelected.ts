import { useRef } from "react";
import { useLive, useText } from "../../live/hooks";
import type { Entry } from "./table/entry";

/** What is open in the panel, and whether it is over. */
export type Selected = Entry & { readonly ended: boolean };

/** The open call or conversation; once it is over, as it was at last. */
export function useSelected(id: string | null): Selected | null {
  const last = useRef<Entry | null>(null);
  const call = useLive((state) => (id === null ? undefined : state.calls.get(id)));
  const view = useText((state) => (id === null ? undefined : state.conversations.get(id)));
  const closed = useText((state) => (id === null ? undefined : state.closed.get(id)));
  if (call) last.current = { kind: "call", id: call.id, call };
  else if (view ?? closed)
    last.current = { kind: "chat", id: (view ?? closed)?.id ?? "", view: (view ?? closed) as NonNullable<typeof view> };
  if (id === null || last.current?.id !== id) return null;
  return { ...last.current, ended: call === undefined && view === undefined };
}
