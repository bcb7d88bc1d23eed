import { createContext, useCallback, useContext, useEffect, useMemo } from "react";
import { planOf } from "../../../hearing/plan";
import { useLive, useText } from "../../../live/hooks";
import { besideCall } from "../../../live/text/select";
import { useStore } from "../../../store/useStore";
import type { CallNotice, CallSupervision } from "./call";
import type { SupervisionView } from "./controller";
import type { ConversationSupervision, TextNotice } from "./conversation";
import { type Statement as Said, statement } from "../../../hearing/statement";
import { useSound } from "../../../media/hooks";
import type { CallView } from "../../../wire/generated";
import { type Statement, statementOf, thereInText, thereOf, whomInText, whomOnCall } from "./statement";

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
  const sound = useSound();
  return useMemo(() => {
    const there = thereOf(calls.values(), held);
    const said = statementOf(connection, held, pending, (at) => whomOnCall(calls.get(at)), there);
    return held && said.mode === held.mode && sound === "down" ? { ...said, cut: true } : said;
  }, [connection, calls, held, pending, sound]);
}

/** Who hears whom on one call: what its panel's sentences, wires and hints are made of. */
export function useSaid(call: CallView): Exclude<Said, { kind: "lost" }> {
  const { held } = useCallSupervision();
  const connected = useLive((state) => state.connection.kind === "live");
  const sound = useSound();
  return useMemo(() => {
    const here = held?.at === call.id;
    const said = statement(call, { connected, here, sound, silent: false });
    // Without a connection this page is off every call; the others are shown as they were.
    return said.kind === "lost" ? { kind: "off", plan: planOf(call, { without: true }) } : said;
  }, [call, held, connected, sound]);
}

/** Who sees the user in a conversation right now. */
export function useTextStatement(): Statement {
  const { held, pending } = useTextSupervision("chats");
  const connection = useLive((state) => state.connection);
  const conversations = useText((state) => state.conversations);
  const me = useLive((state) => state.me?.id);
  return useMemo(
    () =>
      statementOf(
        connection,
        held,
        pending,
        (at) => whomInText(conversations.get(at)),
        thereInText(conversations.values(), me, held),
      ),
    [connection, conversations, me, held, pending],
  );
}

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
