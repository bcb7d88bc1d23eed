import { createContext, useContext, useEffect } from "react";
import type { GuestTextApi } from "../api/guestText";
import { useStore } from "../store/useStore";
import type { Conversation, ConversationState } from "./conversation";
import type { Draft, DraftState } from "./draft";

/** One conversation, and what acts on it. */
export interface ChatTools {
  readonly api: GuestTextApi;
  readonly conversation: Conversation;
  readonly draft: Draft;
}

export const ChatContext = createContext<ChatTools | null>(null);

export function useChatTools(): ChatTools {
  const tools = useContext(ChatContext);
  if (!tools) throw new Error("useChatTools needs a ChatContext above it");
  return tools;
}

/** A part of the conversation. `select` must return the same object for the same state. */
export function useConversation<T>(select: (state: ConversationState) => T): T {
  const { conversation } = useChatTools();
  return useStore(conversation.state, select);
}

export function useDraft(): DraftState {
  const { draft } = useChatTools();
  return useStore(draft.state);
}

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
