import { useEffect } from "react";
import { useChatTools } from "./hooks";

/** Tells the conversation whether somebody looks at it: it is shown, and so is the page. */
export function useLooking(isShown: boolean): void {
  const { conversation } = useChatTools();
  useEffect(() => {
    const look = () => conversation.look(isShown && document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      conversation.look(false);
    };
  }, [conversation, isShown]);
}
