import { useCallback } from "react";
import { useSupervisions } from "./hooks";

/** Begins to listen, or goes back to it: in one place at a time, so that one sentence tells who hears the user. */
export function useEnter(): (kind: "call" | "chat", id: string) => void {
  const { calls, chats } = useSupervisions();
  return useCallback(
    (kind, id) => {
      if (kind === "call") {
        chats.stop();
        calls.listen(id);
      } else {
        calls.stop();
        chats.listen(id);
      }
    },
    [calls, chats],
  );
}
