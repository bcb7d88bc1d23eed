import { useTranslation } from "react-i18next";
import { ShortcutsFrame } from "../../keys/ShortcutsFrame";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useKeys } from "../../keys/useKeys";
import { useLiveStore } from "../../live/hooks";
import { useSession } from "../../session/session";
import { Kbd } from "../../ui/Kbd";
import { useDeskTools, useDeskView, usePhase } from "./desk/hooks";
import { AGENT_ACTIONS, type AgentAction, agentKeys } from "./desk/keys";
import { useOfferActions } from "./text/actions";
import { shownConversation } from "./desk/tabs";

/** The shortcuts: to read, and to switch off. */
export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("agent");
  const { map } = useKeySettings(agentKeys);
  return (
    <ShortcutsFrame
      settings={agentKeys}
      title={t("shortcuts.title")}
      enable={t("shortcuts.enable")}
      isOpen={isOpen}
      onClose={onClose}
    >
      {AGENT_ACTIONS.map((action) => (
        <li key={action}>
          <span>{t(`shortcuts.actions.${action}`)}</span>
          <span>
            <span className="vh">{capOf(map[action])}</span>
            <Kbd>{capOf(map[action])}</Kbd>
          </span>
        </li>
      ))}
    </ShortcutsFrame>
  );
}

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
