import { ArrowLeftRight, LoaderCircle, LogOut, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../../browser/ticking";
import { Composer } from "../../../chat/Composer";
import { HandoverDialog } from "../../../chat/HandoverDialog";
import { HelpChip, HelpDialog } from "../../../chat/Help";
import { Timeline } from "../../../chat/Timeline";
import { sentenceOf } from "../../../chat/notice";
import { useComposerTab } from "../../../chat/useComposerTab";
import { useLiveStore, useText } from "../../../live/hooks";
import { agentsIn, whisperers } from "../../../live/text/select";
import { useSession } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { lazily } from "../../../ui/lazily";
import { clock, shortName } from "../../../ui/names";
import type { ConversationView } from "../../../wire/generated";
import { useDeskTools, useQueueName, useTabs } from "../desk/hooks";
import { useConversationActions } from "./actions";
import css from "./Conversations.module.css";

const contactsLine = lazily(() => import("../../../contacts/Contacts").then((m) => m.ContactsLine));

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
      <contactsLine.Part key={`contacts ${view.id}`} interaction={view.id} />
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

export interface ConversationHeadProps {
  view: ConversationView;
  actions: ReturnType<typeof useConversationActions>;
  over: boolean;
  isAgent: boolean;
}

/** Whom it is with, for how long, who else is there, and what can be done. */
function ConversationHead({ view, actions, over, isAgent }: ConversationHeadProps) {
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
  const taken = view.members
    .filter(({ mode }) => mode === "take_over")
    .map(({ name }) => t("text.takenOver", { name: shortName(name) }));
  const readers = view.members
    .filter(({ mode }) => mode === "listen")
    .map(({ name }) => t("text.reads", { name: shortName(name) }));
  return (
    <span className="muted">
      {[queue, view.subject, time, ...colleagues, ...taken, ...coached, ...others, ...readers]
        .filter(Boolean)
        .join(" · ")}
    </span>
  );
}

export interface RequestsProps {
  view: ConversationView;
  me: string;
  onTakeBack: (handover: string) => void;
}

/** Who was asked in and has not answered yet. */
function Requests({ view, me, onTakeBack }: RequestsProps) {
  const { t } = useTranslation("agent");
  return (view.handovers ?? []).map(({ id, to_name, from }) => (
    <p key={id} className={css["requests"]}>
      <span className="spin">
        <LoaderCircle size={14} aria-hidden="true" />
      </span>
      <span role="status">{t("handover.waiting", { to: to_name })}</span>
      {from.user === me && (
        <Button size="small" onPress={() => onTakeBack(id)}>
          {t("handover.takeBack")}
        </Button>
      )}
    </p>
  ));
}

/** Instead of the composer, once it is over or the agent has left: why, and the way to put it away. */
function Closed({ view }: { view: ConversationView }) {
  const { t } = useTranslation("agent");
  const { t: chat } = useTranslation("chat");
  const { user } = useSession();
  const { act } = useLiveStore();
  const notices = useText((state) => state.notices.get(view.id));
  const why =
    notices?.findLast(({ kind }) => kind === "transferred") ??
    notices?.findLast(({ kind }) => kind === "ended" || kind === "left");
  return (
    <footer className={css["closed"]}>
      <p role="status">{why ? sentenceOf(chat, why, view, user.id) : t("text.isOver")}</p>
      <Button kind="primary" onPress={() => act({ type: "put_away", conversation: view.id })}>
        {t("text.putAway")}
      </Button>
    </footer>
  );
}
