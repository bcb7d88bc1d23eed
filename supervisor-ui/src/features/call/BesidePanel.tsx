import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ChatPanel } from "../../requester/ChatPanel";
import { ChatContext, useLooking } from "../../requester/hooks";
import { useStore } from "../../store/useStore";
import { IconButton } from "../../ui/Button";
import type { Beside } from "./beside";
import css from "./CallPage.module.css";
import "./callingWords";

/** What is written beside the call, if the caller wants to see it. */
export function BesidePanel({ beside }: { beside: Beside }) {
  const { t } = useTranslation("calling");
  const { tools, isShown } = useStore(beside.view);
  if (!tools || !isShown) return null;
  return (
    <ChatContext value={tools} key={tools.conversation.id}>
      <div className={css["beside"]}>
        <ChatPanel
          canEnd={false}
          actions={
            <IconButton aria-label={t("closeChat")} onPress={() => beside.hide()}>
              <X size={20} aria-hidden="true" />
            </IconButton>
          }
        />
      </div>
      <Looking />
    </ChatContext>
  );
}

function Looking() {
  useLooking(true);
  return null;
}
