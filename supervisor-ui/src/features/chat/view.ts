import type { ChatTools } from "../../requester/hooks";
import { createStore } from "../../store/store";

/** Why a conversation did not come about. */
export type Problem = "busy" | "unreachable" | "closed" | "failed";

export interface GuestView {
  readonly step: "start" | "connecting" | "chatting";
  readonly problem: Problem | null;
  /** The conversation, once there is one. */
  readonly tools: ChatTools | null;
  /** It was begun just now, by the form, and not before a reload. */
  readonly isNew: boolean;
}

/** Before a conversation. */
export const FRESH: GuestView = { step: "start", problem: null, tools: null, isNew: false };

/** What is shown until the rest of the page is there. */
export const BEFORE = createStore(FRESH);
