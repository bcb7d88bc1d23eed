import { useCallback } from "react";
import { useSupervision } from "../supervision/hooks";
import { useTextSupervisions } from "./hooks";

/** Begins to listen, or goes back to it: in one place at a time, so that one sentence tells who hears the user. */
export function useEnter(): (kind: "call" | "chat", id: string) => void {
  const calls = useSupervision();
  const { chats } = useTextSupervisions();
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
