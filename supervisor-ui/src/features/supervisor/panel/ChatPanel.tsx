import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Channel, useChannelName } from "../../../chat/Channel";
import { Composer } from "../../../chat/Composer";
import { Timeline } from "../../../chat/Timeline";
import { isOpen } from "../../../hearing/plan";
import { useLive } from "../../../live/hooks";
import { memberOf } from "../../../live/text/select";
import { Button, IconButton } from "../../../ui/Button";
import { lazily } from "../../../ui/lazily";
import { shortName } from "../../../ui/names";
import type { ConversationView, Mode, Permission, Visibility } from "../../../wire/generated";
import { chatRequest } from "../model/requests";
import { HelpStrip } from "./HelpStrip";
import { Modes } from "./Modes";
import css from "./Panel.module.css";
import { askedMode } from "../supervision/plan";
import { Elapsed } from "../parts/Parts";
import { type Availability, availabilityOf, type Choice, textObstacle } from "../supervision/availability";
import { ChatComposer } from "./ChatComposer";
import { agentsOf, ChatPeople } from "./ChatPeople";
import { ChatStatement } from "./ChatStatement";
import { TakeOver } from "./TakeOver";
import { useEnter, useSupervisions, useTextSupervision } from "../supervision/hooks";

export interface ChatPanelProps {
  view: ConversationView;
  /** It is over; what is shown is how it was. */
  ended: boolean;
  notice: ReactNode;
  tab: Visibility;
  onTab: (tab: Visibility) => void;
  onClose: () => void;
  onBarge: () => void;
  onTakeOver: () => void;
}

const contactsLine = lazily(() => import("../../../contacts/Contacts").then((m) => m.ContactsLine));

const NO_RIGHTS: readonly Permission[] = [];

/** One conversation: who sees the user, the three modes, all that was written, and where one writes. */
export function ChatPanel(props: ChatPanelProps) {
  const { view, ended, notice, tab, onTab, onClose, onBarge, onTakeOver } = props;
  const { t } = useTranslation("supervisor");
  const { held } = useTextSupervision("chats");
  const me = useLive((state) => state.me?.id) ?? "";
  const connected = useLive((state) => state.connection.kind === "live");
  const permissions = useLive((state) => state.me?.permissions) ?? NO_RIGHTS;
  const mode = held?.at === view.id ? held.mode : null;
  const availability = availabilityOf({ connected, permissions, obstacle: textObstacle(view), mode });
  const tagged = !ended && mode === null && memberOf(view, me)?.part === "colleague";
  // Who has left reads no more, although this page may still have what was written until then.
  const reads = mode !== null || ended || tagged;
  return (
    <aside className={css["panel"]} aria-label={t("text.panel")}>
      <Head view={view} ended={ended} onClose={onClose} />
      <ChatStatement view={view} tagged={tagged} canListen={!ended && availability.listen === "yes"} />
      {notice && <div className={css["notice"]}>{notice}</div>}
      {!ended && (
        <>
          <HelpStrip request={chatRequest(view)} disabled={!connected} />
          <div className={css["section"]}>
            <Group view={view} mode={mode} availability={availability} onBarge={onBarge} />
            {mode !== null && isOpen(mode) && (
              <TakeOver of={{ view }} mode={mode} isPossible={connected} onTakeOver={onTakeOver} onHandBack={onBarge} />
            )}
            <ChatPeople view={view} me={me} mode={tagged ? "whisper" : mode} />
          </div>
        </>
      )}
      <contactsLine.Part key={view.id} interaction={view.id} />
      {reads ? <Timeline key={view.id} view={view} me={me} compact /> : <Closed view={view} />}
      {mode !== null && !ended && (
        <ChatComposer
          view={view}
          me={me}
          mode={mode}
          tab={tab}
          onTab={onTab}
          onBarge={onBarge}
          canWhisper={availability.whisper === "yes"}
        />
      )}
      {tagged && <Composer view={view} me={me} tab={tab} onTab={onTab} />}
      {ended && (
        <footer className={css["over"]}>
          <p role="status">{t("text.over")}</p>
          <Button onPress={onClose}>{t("panel.close")}</Button>
        </footer>
      )}
    </aside>
  );
}

interface GroupProps {
  view: ConversationView;
  mode: Mode | null;
  availability: Record<Choice, Availability>;
  onBarge: () => void;
}

function Group({ view, mode, availability, onBarge }: GroupProps) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  const { pending } = useTextSupervision("chats");
  const enter = useEnter();
  const choose = (wanted: Choice) => {
    if (wanted === "listen") enter("chat", view.id);
    else if (wanted === "whisper") chats.speak("whisper");
    else onBarge();
  };
  const hints = {
    listen: t("text.modes.listen"),
    whisper: t("text.modes.whisper"),
    barge: t("text.modes.barge", { customer: shortName(view.requester.name) }),
  };
  return (
    <Modes
      mode={mode}
      asked={askedMode(pending, view.id)}
      label={t("text.modes.label")}
      hints={hints}
      availability={availability}
      onChoose={choose}
    />
  );
}

function Head({ view, ended, onClose }: Pick<ChatPanelProps, "view" | "ended" | "onClose">) {
  const { t } = useTranslation("supervisor");
  const queue = useLive((state) => state.me?.queues.find((known) => known.id === view.queue)?.name) ?? view.queue;
  const channel = useChannelName(view.channel);
  const agents = agentsOf(view)
    .map(({ name }) => name)
    .join(", ");
  const details = [channel, agents && t("panel.with", { agent: agents }), queue, view.subject]
    .filter(Boolean)
    .join(" · ");
  return (
    <div className={css["head"]}>
      <span className={css["avatar"]}>
        <Channel channel={view.channel} size={17} />
      </span>
      <div className={css["names"]}>
        <h2>{view.requester.name}</h2>
        <div className="muted">{details}</div>
      </div>
      <span className={css["time"]}>
        {ended ? t("state.ended") : <Elapsed from={view.answered_at ?? view.opened_at} />}
      </span>
      <IconButton aria-label={t("panel.close")} onPress={onClose}>
        <X size={18} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** Before Listen: what is written is not told, not even to this page. */
function Closed({ view }: { view: ConversationView }) {
  const { t } = useTranslation("supervisor");
  return (
    <div className={css["ended"]}>
      <p>{t("text.closed", { customer: shortName(view.requester.name) })}</p>
    </div>
  );
}
