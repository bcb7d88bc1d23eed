import type { TextApi } from "../../../api/text";
import { isOpen } from "../../../hearing/plan";
import type { LiveStore } from "../../../live/store";
import { memberOf } from "../../../live/text/select";
import { shortName } from "../../../ui/names";
import type { ConversationView, TextEnvelope } from "../../../wire/generated";
import { type Claim, SupervisionController, type SupervisionPort, type Watcher } from "./controller";
import type { OtherTabs } from "./otherTabs";
import type { Held } from "./plan";
import type { Remembered } from "./remembered";

/** The supervision ended with the conversation, or without it. `seen`: the customer saw the user until then. */
export interface TextNotice {
  kind: "ended" | "withdrawn";
  customer: string;
  seen: boolean;
}

/** What supervision in text needs of the rest. */
export interface ConversationPorts {
  api: Pick<TextApi, "supervise" | "unsupervise">;
  live: Pick<LiveStore, "getState" | "subscribe" | "tapText" | "retryNow">;
  tabs: Pick<OtherTabs, "announce" | "supervise">;
  begun: Pick<Remembered, "has" | "add" | "drop">;
  /** Which conversations this is about: those beside a call are another's. */
  owns: (view: ConversationView) => boolean;
}

export type ConversationSupervision = SupervisionController<Claim, TextNotice>;

/** Supervision in text: reading along, writing to staff, writing to everybody. */
export function conversationSupervision(ports: ConversationPorts): ConversationSupervision {
  return new SupervisionController(portOf(ports));
}

function portOf({ api, live, tabs, begun, owns }: ConversationPorts): SupervisionPort<Claim, TextNotice> {
  const viewOf = (at: string) => live.getState().text.conversations.get(at);
  const held = (at: string): Held | null => {
    const { me } = live.getState();
    const view = viewOf(at);
    const mode = me && view ? memberOf(view, me.id)?.mode : undefined;
    return mode ? { at, mode } : null;
  };
  return {
    tabs,
    confirmedFor: "supervision",
    begun,
    keyOf: ({ at }) => at,
    isReady: () => live.getState().connection.kind === "live",
    watch: (watcher) => watch(live, watcher),
    held: ({ at }) => held(at),
    strays: (claim) =>
      [...live.getState().text.conversations.values()]
        .filter((view) => owns(view) && view.id !== claim?.at && held(view.id))
        .map(({ id }) => ({ at: id })),
    revisionOf: (at) => {
      const view = viewOf(at);
      return view && (view.revision ?? 0);
    },
    listen: async (at) => {
      const { revision } = await api.supervise(at, { mode: "listen", announce: false });
      return { claim: { at }, revision };
    },
    // Whoever takes the step to everybody was sure that everybody shall know.
    change: ({ at }, mode, revision) =>
      api.supervise(at, { mode, announce: isOpen(mode), ...(revision !== undefined && { revision }) }),
    leave: ({ at }) => api.unsupervise(at),
    resynchronise: () => live.retryNow(),
  };
}

/** The conversations of a connection are told with its first message about text. */
function watch(live: ConversationPorts["live"], watcher: Watcher<TextNotice>): () => void {
  const untap = live.tapText((envelope, before) => {
    if (envelope.type === "text.snapshot") watcher.ready();
    else {
      watcher.told(
        (was) => endedNotice(envelope, before.text.conversations.get(was.at), was),
        () => ({ cause: "rights", agent: "" }),
      );
    }
  });
  const unsubscribe = live.subscribe(() => {
    if (live.getState().connection.kind !== "live") watcher.lost();
  });
  return () => {
    untap();
    unsubscribe();
  };
}

function endedNotice(envelope: TextEnvelope, view: ConversationView | undefined, was: Held): TextNotice {
  const kind = envelope.type === "conversation.ended" ? "ended" : "withdrawn";
  return { kind, customer: view ? shortName(view.requester.name) : "", seen: isOpen(was.mode) };
}
