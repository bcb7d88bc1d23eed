import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import { type Statement, statement } from "../../../hearing/statement";
import { useLive, useLiveStore, useText } from "../../../live/hooks";
import { ownConversations, unreadOf } from "../../../live/text/select";
import { useSound } from "../../../media/hooks";
import type { Ringer } from "../../../media/ringer";
import { useSession } from "../../../session/session";
import { useStore } from "../../../store/useStore";
import type { CallView, ConversationView } from "../../../wire/generated";
import type { Desk, DeskView } from "./desk";
import { type Phase, phaseOf } from "./phase";
import type { LateNotes } from "./lateNotes";
import type { Tabs, TabsView } from "./tabs";

export interface DeskTools {
  desk: Desk;
  ringer: Ringer;
  notes: LateNotes;
  tabs: Tabs;
}

export const DeskContext = createContext<DeskTools | null>(null);

export function useDeskTools(): DeskTools {
  const tools = useContext(DeskContext);
  if (!tools) throw new Error("useDeskTools needs a DeskContext above it");
  return tools;
}

export function useDesk(): Desk {
  return useDeskTools().desk;
}

export function useDeskView(): DeskView {
  const desk = useDesk();
  return useStore(desk.view);
}

export function usePhase(): Phase {
  const state = useLive((live) => live);
  return useMemo(() => phaseOf(state), [state]);
}

/** Whether a leg speaks, by the server's meters; rerenders only when that changes. */
export function useSpeaking(call: string, leg: string | undefined): boolean {
  const { meters } = useLiveStore();
  const subscribe = useCallback((changed: () => void) => meters.subscribe(call, changed), [meters, call]);
  return useSyncExternalStore(subscribe, () =>
    leg === undefined ? false : (meters.track(call)?.legs.get(leg)?.speaking ?? false),
  );
}

/** The legs of a call that speak. */
export function useSpeakers(call: CallView): ReadonlySet<string> {
  const { meters } = useLiveStore();
  const subscribe = useCallback((changed: () => void) => meters.subscribe(call.id, changed), [meters, call.id]);
  const legs = useSyncExternalStore(subscribe, () => {
    const track = meters.track(call.id);
    return call.legs.flatMap(({ id }) => (track?.legs.get(id)?.speaking ? [id] : [])).join(" ");
  });
  return useMemo(() => new Set(legs.split(" ").filter(Boolean)), [legs]);
}

/** Who hears whom on the agent's call: all that the page says of it is made of this. */
export function useSaid(call: CallView): Statement {
  const { here, muted, deviceMuted } = useDeskView();
  const connected = useLive((state) => state.connection.kind === "live");
  const sound = useSound();
  return useMemo(
    () => statement(call, { connected, here: here === call.id, sound, silent: muted || deviceMuted }),
    [call, connected, here, sound, muted, deviceMuted],
  );
}

/** The queue's name, where this agent knows it. */
export function useQueueName(queue: string | undefined | null): string | null {
  const queues = useLive((state) => state.me?.queues);
  return queues?.find(({ id }) => id === queue)?.name ?? queue ?? null;
}

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
