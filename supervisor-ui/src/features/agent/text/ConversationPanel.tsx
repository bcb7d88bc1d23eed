import { Composer } from "../../../chat/Composer";
import { HandoverDialog } from "../../../chat/HandoverDialog";
import { HelpDialog } from "../../../chat/HelpDialog";
import { Timeline } from "../../../chat/Timeline";
import { useComposerTab } from "../../../chat/useComposerTab";
import { useSession } from "../../../session/session";
import type { ConversationView } from "../../../wire/generated";
import { useDeskTools } from "../hooks";
import { useConversationActions } from "./actions";
import { Closed } from "./Closed";
import { ConversationHead } from "./ConversationHead";
import { useTabs } from "./hooks";
import { Requests } from "./Requests";

/** One conversation: who it is with, all that was written, and where one writes. */
export function ConversationPanel({ view }: { view: ConversationView }) {
  const { user } = useSession();
  const [tab, setTab] = useComposerTab(view.id, view.may.write_public ? "public" : "private");
  const actions = useConversationActions(view);
  const over = !view.members.some((member) => member.user === user.id) || view.state === "ended";
  const isAgent = view.members.some((member) => member.user === user.id && member.part === "agent");
  return (
    <>
      <ConversationHead view={view} actions={actions} over={over} isAgent={isAgent} />
      {!over && <Requests view={view} me={user.id} onTakeBack={actions.takeBack} />}
      <Timeline key={view.id} view={view} me={user.id} />
      {over ? (
        <Closed view={view} />
      ) : (
        <Composer
          view={view}
          me={user.id}
          tab={tab}
          onTab={setTab}
          {...(isAgent && { onHelp: (reason) => void actions.raise(reason) })}
        />
      )}
      {!over && <Dialogs view={view} actions={actions} />}
    </>
  );
}

function Dialogs({ view, actions }: { view: ConversationView; actions: ReturnType<typeof useConversationActions> }) {
  const { tabs } = useDeskTools();
  const { dialog } = useTabs();
  const close = () => tabs.open(null);
  const customer = view.requester.name;
  const here = view.members.map(({ user }) => user);
  return (
    <>
      <HelpDialog customer={customer} isOpen={dialog === "help"} onClose={close} onSend={actions.raise} />
      <HandoverDialog
        kind="transfer"
        of="conversation"
        customer={customer}
        without={here}
        isOpen={dialog === "transfer"}
        onClose={close}
        onRequest={(handover) => actions.handOver("transfer", handover)}
      />
      <HandoverDialog
        kind="conference"
        of="conversation"
        customer={customer}
        without={here}
        isOpen={dialog === "conference"}
        onClose={close}
        onRequest={(handover) => actions.handOver("conference", handover)}
      />
    </>
  );
}
