import { useKeys } from "../../keys/useKeys";
import { useLiveStore } from "../../live/hooks";
import { useSession } from "../../session/session";
import { useDeskTools, useDeskView, usePhase } from "./hooks";
import { AGENT_ACTIONS, type AgentAction, agentKeys } from "./keys";
import { useOfferActions } from "./text/actions";
import { shownConversation } from "./text/tabs";

/** The page's shortcuts. A call goes before a conversation, what rings before what is in sight. */
export function useAgentKeys(): void {
  const { desk, tabs } = useDeskTools();
  const { muted } = useDeskView();
  const { user } = useSession();
  const live = useLiveStore();
  const offers = useOfferActions();
  const phase = usePhase();
  const offer = () => (phase.kind === "ringing" ? undefined : live.getState().text.offers[0]);
  const openText = (dialog: "transfer" | "conference") => {
    if (shownConversation(live.getState().text, user.id, tabs.view.get().chosen)) tabs.open(dialog);
  };
  const press = (action: AgentAction) => {
    switch (action) {
      case "accept": {
        const first = offer();
        return void (first ? offers.accept(first) : desk.accept());
      }
      case "decline": {
        const first = offer();
        return void (first ? offers.decline(first) : desk.decline());
      }
      case "mute":
        return void desk.mute(!(muted || (phase.kind === "talking" && phase.own.muted)));
      case "hold":
        return phase.kind === "talking" ? void desk.hold(!phase.call.held) : undefined;
      case "hangup":
        return void desk.hangUp();
      case "transfer":
      case "conference":
        return phase.kind === "talking" ? desk.open(action) : openText(action);
      case "note":
        return desk.open("note");
    }
  };
  useKeys(agentKeys, { press, everywhere: AGENT_ACTIONS });
}
