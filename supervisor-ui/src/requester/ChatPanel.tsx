import { WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import css from "./Chat.module.css";
import { others } from "./chat";
import { Composer } from "./Composer";
import { isOpen } from "./conversation";
import { EndChat, Transcript } from "./EndChat";
import { useConversation } from "./hooks";
import { Log } from "./Log";
import "./words";

export interface ChatPanelProps {
  /** What it is about, below the names. */
  about?: string | undefined;
  /** More that can be done with it as a whole. */
  actions?: ReactNode;
  /** The customer wants another conversation; absent: there is none to be had here. */
  onAgain?: () => void;
  /** Beside a call it is the call that is ended. */
  canEnd?: boolean;
}

/** The customer's conversation: who is there, what was written, and what is written next. */
export function ChatPanel({ about, actions, onAgain, canEnd = true }: ChatPanelProps) {
  const { t } = useTranslation("requester");
  const view = useConversation(({ chat }) => chat.view);
  const away = useConversation((state) => state.away);
  const expired = useConversation((state) => state.expired);
  const open = isOpen(view) && !expired;
  const names = others(view).reduce((a, b) => (a ? t("and", { a, b }) : b), "");
  return (
    <section className={css["panel"]} aria-label={t("conversation")}>
      <header className={css["head"]}>
        <div className={css["who"]}>
          <h1>{!open ? t("over") : names || t("finding")}</h1>
          {about && <p>{about}</p>}
        </div>
        {open && canEnd && <EndChat />}
        {actions}
      </header>
      {away && open && (
        <p className={css["away"]} role="status">
          <WifiOff size={16} aria-hidden="true" />
          <span>{t("away")}</span>
        </p>
      )}
      <Log />
      {open ? <Composer /> : <Over expired={expired && view.state !== "ended"} onAgain={onAgain} />}
    </section>
  );
}

function Over({ expired, onAgain }: { expired: boolean; onAgain: (() => void) | undefined }) {
  const { t } = useTranslation("requester");
  return (
    <div className={css["over"]}>
      {expired ? <p role="alert">{t("expired")}</p> : <Transcript />}
      {onAgain && (
        <Button kind="primary" onPress={onAgain}>
          {t("fresh")}
        </Button>
      )}
    </div>
  );
}
