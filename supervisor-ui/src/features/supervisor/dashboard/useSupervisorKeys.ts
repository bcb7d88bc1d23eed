import { useKeys } from "../../../keys/useKeys";
import { useLive } from "../../../live/hooks";
import type { Permission } from "../../../wire/generated";
import { type SupervisorAction, supervisorKeys } from "../model/keys";
import { useCallSupervision, useSupervisions, useTextSupervision } from "../supervision/hooks";
import { BESIDE_FIELD, focusSoon, PRIVATE_FIELD } from "./focus";

/** What keys do that act on more than who hears or sees the user. */
export interface KeyActions {
  listen: () => void;
  barge: () => void;
  takeOver: () => void;
  cancel: () => void;
  help: () => void;
  search: () => void;
  shortcuts: () => void;
}

/** The keys of a supervisor's pages. L, W, B, O and S mean the call, or the conversation, where the user is. */
export function useSupervisorKeys({ listen, barge, takeOver, cancel, help, search, shortcuts }: KeyActions): void {
  const { calls, chats } = useSupervisions();
  const { held, pending } = useCallSupervision();
  const onCall = held !== null || pending !== null;
  const writePrivately = usePrivately();
  const actions: Record<SupervisorAction, () => void> = {
    listen,
    barge,
    take_over: takeOver,
    help,
    search,
    shortcuts,
    whisper: () => (onCall ? void calls.speak("whisper") : chats.speak("whisper")),
    hold: () => void calls.hold(),
    stop: () => {
      cancel();
      calls.stop();
      chats.stop();
    },
    private: writePrivately,
  };
  const permissions = useLive((state) => state.me?.permissions ?? NO_RIGHTS);
  useKeys<SupervisorAction>(supervisorKeys, {
    press: (action) => isAllowed(action, permissions) && actions[action](),
    release: (action) => action === "hold" && calls.release(),
    everywhere: ["listen", "stop"],
  });
}

/** Private text: beside the call, or in the conversation. What makes it possible is Whisper. */
function usePrivately(): () => void {
  const { chats, beside } = useSupervisions();
  const onCall = useCallSupervision().held;
  const inBeside = useTextSupervision("beside").held;
  const inChat = useTextSupervision("chats").held;
  return () => {
    if (onCall && inBeside) {
      if (inBeside.mode === "listen") beside.speak("whisper");
      focusSoon(BESIDE_FIELD);
    } else if (inChat) {
      if (inChat.mode === "listen") chats.speak("whisper");
      focusSoon(PRIVATE_FIELD);
    }
  };
}

const NO_RIGHTS: readonly Permission[] = [];

const NEEDS: Partial<Record<SupervisorAction, Permission>> = {
  listen: "monitor_live_calls",
  whisper: "whisper_live_calls",
  hold: "whisper_live_calls",
  private: "whisper_live_calls",
  barge: "barge_live_calls",
  take_over: "barge_live_calls",
};

/** Keys of modes that are not in the user's role do nothing. */
function isAllowed(action: SupervisorAction, permissions: readonly Permission[]): boolean {
  const right = NEEDS[action];
  return right === undefined || permissions.includes(right);
}
