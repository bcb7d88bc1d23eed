import { useState } from "react";
import { isOpen } from "../../../hearing/plan";
import { useCallSupervision, useSupervisions, useTextSupervision } from "../supervision/hooks";

/** A step of which the customer is told. */
export type OpenStep = "barge" | "take_over";

/** The steps after which the customer knows of the user: what it is asked for, and what comes of it. */
export interface Confirm {
  /** The call or conversation that is asked about. */
  readonly about: string | null;
  /** What is asked. */
  readonly step: OpenStep;
  /** Barge; out of a take-over it hands back. */
  readonly ask: () => void;
  /** Take-over; out of one it hands back. */
  readonly askTakeOver: () => void;
  readonly yes: () => void;
  readonly cancel: () => void;
}

/**
 * Barge, on the call or in the conversation where the user is, asked about before the first time; and take-over, asked
 * about each time, for the agent falls silent.
 */
export function useConfirm(open: (id: string) => void): Confirm {
  const { calls, chats } = useSupervisions();
  const onCall = useCallSupervision().held;
  const inChat = useTextSupervision("chats").held;
  const [asked, setAsked] = useState<{ at: string; step: OpenStep } | null>(null);
  const held = onCall ?? inChat;
  const speak = (step: OpenStep) => (onCall ? void calls.speak(step) : chats.speak(step));
  const mayBarge = (at: string) => (onCall ? calls.mayBargeUnasked(at) : chats.mayBargeUnasked(at));
  const ask = () => {
    if (!held || held.mode === "barge") return;
    open(held.at);
    if (isOpen(held.mode) || mayBarge(held.at)) speak("barge");
    else setAsked({ at: held.at, step: "barge" });
  };
  return {
    about: asked !== null && held?.at === asked.at ? asked.at : null,
    step: asked?.step ?? "barge",
    ask,
    askTakeOver: () => {
      if (held?.mode === "take_over") return ask();
      if (!held) return;
      open(held.at);
      setAsked({ at: held.at, step: "take_over" });
    },
    yes: () => {
      if (asked) speak(asked.step);
      setAsked(null);
    },
    cancel: () => setAsked(null),
  };
}
