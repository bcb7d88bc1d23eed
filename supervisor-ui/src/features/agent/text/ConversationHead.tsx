import { ArrowLeftRight, LogOut, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { HelpChip } from "../../../chat/HelpChip";
import { useLiveStore } from "../../../live/hooks";
import { agentsIn, whisperers } from "../../../live/text/select";
import { useSession } from "../../../session/session";
import { useTicking } from "../../../browser/ticking";
import { Button } from "../../../ui/Button";
import { clock, shortName } from "../../../ui/names";
import type { ConversationView } from "../../../wire/generated";
import { useDeskTools, useQueueName } from "../hooks";
import type { useConversationActions } from "./actions";
import css from "./Conversations.module.css";

export interface ConversationHeadProps {
  view: ConversationView;
  actions: ReturnType<typeof useConversationActions>;
  over: boolean;
  isAgent: boolean;
}

/** Whom it is with, for how long, who else is there, and what can be done. */
export function ConversationHead({ view, actions, over, isAgent }: ConversationHeadProps) {
  const { t } = useTranslation("agent");
  const { tabs } = useDeskTools();
  const agents = agentsIn(view).length;
  return (
    <header className={css["head"]}>
      <div>
        <h2>{view.requester.name}</h2>
        <About view={view} over={over} />
      </div>
      {!over && (
        <span className={css["right"]}>
          {isAgent && (
            <>
              <HelpChip help={view.help} onAsk={() => tabs.open("help")} onWithdraw={actions.withdraw} />
              <Button size="small" kind="quiet" onPress={() => tabs.open("transfer")}>
                <ArrowLeftRight size={15} aria-hidden="true" />
                <span className={css["words"]}>{t("call.transfer")}</span>
              </Button>
              <Button size="small" kind="quiet" onPress={() => tabs.open("conference")}>
                <UserPlus size={15} aria-hidden="true" />
                <span className={css["words"]}>{t("call.conference")}</span>
              </Button>
            </>
          )}
          {(!isAgent || agents > 1) && (
            <Button size="small" onPress={actions.leave}>
              <LogOut size={15} aria-hidden="true" />
              {t("text.leave")}
            </Button>
          )}
          {isAgent && (
            <Button size="small" onPress={actions.end}>
              {t("text.end")}
            </Button>
          )}
        </span>
      )}
    </header>
  );
}

/** "Support · 8:15 · Mei writes to you privately" */
function About({ view, over }: { view: ConversationView; over: boolean }) {
  const { t } = useTranslation("agent");
  const store = useLiveStore();
  const queue = useQueueName(view.queue);
  const { user: me } = useSession();
  const colleagues = agentsIn(view)
    .filter(({ user }) => user !== me.id)
    .map(({ name }) => t("text.isWith", { name: shortName(name) }));
  const time = useTicking(() => (over ? "" : clock(store.serverNow() - view.opened_at)));
  const coached = whisperers(view).map(({ name }) => t("text.writesPrivately", { name: shortName(name) }));
  const others = view.members
    .filter(({ mode }) => mode === "barge")
    .map(({ name }) => t("text.joined", { name: shortName(name) }));
  const readers = view.members
    .filter(({ mode }) => mode === "listen")
    .map(({ name }) => t("text.reads", { name: shortName(name) }));
  return (
    <span className="muted">
      {[queue, view.subject, time, ...colleagues, ...coached, ...others, ...readers].filter(Boolean).join(" · ")}
    </span>
  );
}
