import { useEffect } from "react";
import { useStation } from "../../../media/hooks";
import type { CallView, LegView } from "../../../wire/generated";
import { guestsOf } from "./phase";

/** Lowers the caller at this ear while a supervisor speaks to this agent alone. */
export function useDucking(call: CallView, own: LegView): void {
  const station = useStation();
  const coached = guestsOf(call, own).some(({ kind }) => kind === "coaching");
  useEffect(() => {
    station.duck(coached);
    return () => station.duck(false);
  }, [station, coached]);
}
