import { createContext, useContext, useMemo } from "react";
import { useLive, useText } from "../../../live/hooks";
import { useStore } from "../../../store/useStore";
import type { CallNotice, CallSupervision } from "./call";
import type { SupervisionView } from "./controller";
import type { ConversationSupervision, TextNotice } from "./conversation";
import { type Statement, statementOf, whomInText, whomOnCall } from "./statement";

/** Calls, conversations on their own, and those beside a call: three that know nothing of each other. */
export interface Supervisions {
  calls: CallSupervision;
  chats: ConversationSupervision;
  beside: ConversationSupervision;
}

export const SupervisionContext = createContext<Supervisions | null>(null);

export function useSupervisions(): Supervisions {
  const supervisions = useContext(SupervisionContext);
  if (!supervisions) throw new Error("useSupervisions needs a SupervisionContext above it");
  return supervisions;
}

export function useCallSupervision(): SupervisionView<CallNotice> {
  return useStore(useSupervisions().calls.view);
}

export function useTextSupervision(of: "chats" | "beside"): SupervisionView<TextNotice> {
  return useStore(useSupervisions()[of].view);
}

/** Who hears the user right now. */
export function useCallStatement(): Statement {
  const { held, pending } = useCallSupervision();
  const connection = useLive((state) => state.connection);
  const calls = useLive((state) => state.calls);
  return useMemo(
    () => statementOf(connection, held, pending, (at) => whomOnCall(calls.get(at))),
    [connection, calls, held, pending],
  );
}

/** Who sees the user in a conversation right now. */
export function useTextStatement(): Statement {
  const { held, pending } = useTextSupervision("chats");
  const connection = useLive((state) => state.connection);
  const conversations = useText((state) => state.conversations);
  return useMemo(
    () => statementOf(connection, held, pending, (at) => whomInText(conversations.get(at))),
    [connection, conversations, held, pending],
  );
}
