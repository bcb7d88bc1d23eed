import { useState } from "react";
import { useCallSupervision, useSupervisions, useTextSupervision } from "../supervision/hooks";

/** The step after which the customer knows of the user: what it is asked for, and what comes of it. */
export interface Confirm {
  /** The call or conversation that is asked about. */
  readonly about: string | null;
  readonly ask: () => void;
  readonly yes: () => void;
  readonly cancel: () => void;
}

/** Barge, on the call or in the conversation where the user is; asked about before the first time. */
export function useConfirm(open: (id: string) => void): Confirm {
  const { calls, chats } = useSupervisions();
  const onCall = useCallSupervision().held;
  const inChat = useTextSupervision("chats").held;
  const [asked, setAsked] = useState<string | null>(null);
  const held = onCall ?? inChat;
  const join = () => (onCall ? void calls.speak("barge") : chats.speak("barge"));
  return {
    about: held?.at === asked ? asked : null,
    ask: () => {
      if (!held || held.mode === "barge") return;
      open(held.at);
      if (onCall ? calls.mayBargeUnasked(held.at) : chats.mayBargeUnasked(held.at)) join();
      else setAsked(held.at);
    },
    yes: () => {
      setAsked(null);
      join();
    },
    cancel: () => setAsked(null),
  };
}
