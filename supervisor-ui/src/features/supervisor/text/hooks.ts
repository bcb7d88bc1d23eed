import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import { useLive, useText } from "../../../live/hooks";
import { type TextStatement, textStatementOf } from "./statement";
import type { TextSupervision, TextSupervisionView } from "./supervision";

/** Conversations on their own, and those beside a call: two supervisions that know nothing of each other. */
export interface TextSupervisions {
  chats: TextSupervision;
  beside: TextSupervision;
}

export const TextSupervisionContext = createContext<TextSupervisions | null>(null);

export function useTextSupervisions(): TextSupervisions {
  const supervisions = useContext(TextSupervisionContext);
  if (!supervisions) throw new Error("useTextSupervisions needs a TextSupervisionContext above it");
  return supervisions;
}

export function useTextView(of: keyof TextSupervisions): TextSupervisionView {
  const supervision = useTextSupervisions()[of];
  return useSyncExternalStore(supervision.subscribe, supervision.getView);
}

/** Who sees the user in a conversation right now. */
export function useTextStatement(): TextStatement {
  const { held, pending } = useTextView("chats");
  const connection = useLive((state) => state.connection);
  const conversations = useText((state) => state.conversations);
  return useMemo(
    () => textStatementOf(connection, conversations, held, pending),
    [connection, conversations, held, pending],
  );
}
