import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { useLive } from "../../../live/hooks";
import { type Statement, statementOf } from "./statement";
import type { Supervision, SupervisionView } from "./supervision";

export const SupervisionContext = createContext<Supervision | null>(null);

export function useSupervision(): Supervision {
  const supervision = useContext(SupervisionContext);
  if (!supervision) throw new Error("useSupervision needs a SupervisionContext above it");
  return supervision;
}

export function useSupervisionView(): SupervisionView {
  const supervision = useSupervision();
  return useSyncExternalStore(supervision.subscribe, supervision.getView);
}

/** Who hears the user right now. */
export function useStatement(): Statement {
  const { held, pending } = useSupervisionView();
  const connection = useLive((state) => state.connection);
  const calls = useLive((state) => state.calls);
  return useMemo(() => statementOf(connection, calls, held, pending), [connection, calls, held, pending]);
}
