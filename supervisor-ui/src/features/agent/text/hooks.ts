import { useMemo } from "react";
import { useLiveStore, useText } from "../../../live/hooks";
import { ownConversations, unreadOf } from "../../../live/text/select";
import { useSession } from "../../../session/session";
import type { ConversationView } from "../../../wire/generated";
import { useDeskTools } from "../hooks";
import type { TabsView } from "./tabs";
import { useStore } from "../../../store/useStore";

export function useTabs(): TabsView {
  const { tabs } = useDeskTools();
  return useStore(tabs.view);
}

/** The agent's conversations, oldest first. */
export function useOwnConversations(): readonly ConversationView[] {
  const { user } = useSession();
  const conversations = useText((state) => state.conversations);
  const closed = useText((state) => state.closed);
  const messages = useText((state) => state.messages);
  const { getState } = useLiveStore();
  return useMemo(
    () => ownConversations({ ...getState().text, conversations, closed, messages }, user.id),
    [conversations, closed, messages, getState, user.id],
  );
}

export function useUnread(view: ConversationView): number {
  return useText((state) => unreadOf(state, view));
}
