import { useEffect } from "react";
import { useText } from "../../../live/hooks";
import { besideCall } from "../../../live/text/select";
import { useCallSupervision, useSupervisions } from "./hooks";

/** Whoever is on a call reads what is written beside it, in whichever mode they hear it; with the call it ends. */
export function useBeside(): void {
  const { beside } = useSupervisions();
  const call = useCallSupervision().held?.at;
  const conversation = useText((state) => (call === undefined ? undefined : besideCall(state, call)?.id));
  useEffect(() => {
    if (conversation === undefined) return;
    beside.listen(conversation);
    return () => beside.stop();
  }, [beside, conversation]);
}
