import { INITIAL_TEXT, type TextState } from "./text/state";
import type { AgentView, CallView, Mode, Offer, PolicyView, User } from "../wire/generated";

/** How the page stands with the server. */
export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  /** `since` on this machine's clock; `heardAt` the server's time of the last message. */
  | { kind: "lost"; since: number; heardAt: number }
  /** The session is over: sign in again. */
  | { kind: "signed_out" };

/** Something worth a mark on a call's timeline. Times are the server's, Unix ms. */
export type Mark = { kind: "help"; at: number } | { kind: "mode"; at: number; user: string; mode: Mode | "off" };

/** What this user may see, as the server told it. */
export interface LiveState {
  readonly connection: Connection;
  /** `seq` of the last numbered message on this connection; −1 before the snapshot. */
  readonly seq: number;
  /** The server's time of the last message, Unix ms. */
  readonly heardAt: number;
  readonly me: User | null;
  readonly calls: ReadonlyMap<string, CallView>;
  readonly agents: ReadonlyMap<string, AgentView>;
  readonly offer: Offer | null;
  readonly policy: PolicyView;
  readonly marks: ReadonlyMap<string, readonly Mark[]>;
  /** Conversations and chats. */
  readonly text: TextState;
}

export const INITIAL_STATE: LiveState = {
  connection: { kind: "connecting" },
  seq: -1,
  heardAt: 0,
  me: null,
  calls: new Map(),
  agents: new Map(),
  offer: null,
  policy: { notify_agent_on_listen: false },
  marks: new Map(),
  text: INITIAL_TEXT,
};
