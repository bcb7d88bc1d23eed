import { Headset } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Channel } from "../../../chat/Channel";
import { useText, useTextTools } from "../../../live/hooks";
import { agentsIn } from "../../../live/text/select";
import { Tabs } from "../../../ui/Tabs";
import { classes } from "../../../ui/classes";
import type { ConversationView } from "../../../wire/generated";
import { useDeskTools, useOwnConversations, useTabs, useUnread } from "../desk/hooks";
import { ConversationPanel } from "./ConversationPanel";
import css from "./Conversations.module.css";
import { DESK, shownTab } from "../desk/tabs";

/** The agent's conversations side by side, and the desk. Without any, the desk alone. */
export function Conversations({ desk }: { desk: ReactNode }) {
  const { t } = useTranslation("agent");
  const { tabs } = useDeskTools();
  const { chosen } = useTabs();
  const conversations = useOwnConversations();
  const waiting = useText((state) => state.waiting.filter((view) => agentsIn(view).length === 0).length);
  const { link } = useTextTools();
  // So that what was written can still be read when it ends out of sight.
  useEffect(() => conversations.forEach(({ id }) => link.want({ kind: "conversation", id })), [conversations, link]);
  if (conversations.length === 0) return <div className={css["alone"]}>{desk}</div>;
  const selected = shownTab(chosen, conversations);
  const shown = conversations.find(({ id }) => id === selected);
  return (
    <Tabs
      label={t("text.conversations")}
      className={css["tabs"]}
      listClassName={css["list"]}
      panelClassName={classes(css["panel"], !shown && css["desk"])}
      selected={selected}
      onSelect={(id) => tabs.choose(id)}
      tabs={[
        ...conversations.map((view) => ({ id: view.id, className: css["tab"], label: <Name view={view} /> })),
        { id: DESK, className: classes(css["tab"], css["last"]), label: <DeskName waiting={waiting} /> },
      ]}
    >
      {shown ? <ConversationPanel view={shown} /> : desk}
    </Tabs>
  );
}

function Name({ view }: { view: ConversationView }) {
  return (
    <>
      <Channel channel={view.channel} />
      <span className={css["name"]}>{view.requester.name}</span>
      <Count view={view} />
    </>
  );
}

function DeskName({ waiting }: { waiting: number }) {
  const { t } = useTranslation("agent");
  return (
    <>
      <Headset size={14} aria-hidden="true" />
      {t("desk")}
      {waiting > 0 && (
        <span className={css["count"]} role="img" aria-label={t("text.waitingCount", { count: waiting })}>
          {waiting}
        </span>
      )}
    </>
  );
}

function Count({ view }: { view: ConversationView }) {
  const { t } = useTranslation("agent");
  const unread = useUnread(view);
  if (view.state === "ended") return <span className={css["over"]}>{t("text.over")}</span>;
  return unread > 0 ? (
    <span className={css["count"]} role="img" aria-label={t("text.unread", { count: unread })}>
      {unread}
    </span>
  ) : null;
}
