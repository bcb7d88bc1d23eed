import { useState } from "react";
import { useSupervision, useSupervisionView } from "./supervision/hooks";
import { useTextSupervisions, useTextView } from "./text/hooks";

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
  const calls = useSupervision();
  const { chats } = useTextSupervisions();
  const onCall = useSupervisionView().held;
  const inChat = useTextView("chats").held;
  const [asked, setAsked] = useState<string | null>(null);
  const held = onCall ?? inChat;
  const join = () => (onCall ? void calls.speak("barge") : chats.barge());
  return {
    about: held?.call === asked ? asked : null,
    ask: () => {
      if (!held || held.mode === "barge") return;
      open(held.call);
      if (onCall ? calls.mayBargeUnasked(held.call) : chats.mayBargeUnasked(held.call)) join();
      else setAsked(held.call);
    },
    yes: () => {
      setAsked(null);
      join();
    },
    cancel: () => setAsked(null),
  };
}
