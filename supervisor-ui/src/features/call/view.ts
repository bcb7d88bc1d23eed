import { createStore } from "../../store/store";
import type { Ending, Told } from "./state";

/** Why a call did not come about. */
export type Problem = "microphone" | "noPath" | "busy" | "unreachable" | "signedIn" | "closed" | "failed";

export interface Ended {
  ending: Ending;
  /** How long it lasted, ms; null: it was never answered. */
  lastedMs: number | null;
}

export interface CallerView {
  readonly step: "start" | "connecting" | "calling" | "ended";
  readonly told: Told;
  readonly problem: Problem | null;
  /** Who is signed in to this browser, where that stands in the way. */
  readonly signedInAs: string;
  readonly queueName: string;
  readonly muted: boolean;
  /** The event stream is away for the moment. */
  readonly away: boolean;
  readonly microphoneFailed: boolean;
  readonly ended: Ended | null;
}

/** Before a call. */
export const FRESH: CallerView = {
  step: "start",
  told: { kind: "none" },
  problem: null,
  signedInAs: "",
  queueName: "",
  muted: false,
  away: false,
  microphoneFailed: false,
  ended: null,
};

/** What is shown until the rest of the page is there. */
export const BEFORE = createStore(FRESH);
