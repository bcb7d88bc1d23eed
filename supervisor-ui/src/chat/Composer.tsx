import { EyeOff, Lock, Users } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { Tabs } from "../ui/Tabs";
import { classes } from "../ui/classes";
import { shortName } from "../ui/names";
import { toast } from "../ui/toasts";
import type { ConversationView, Visibility } from "../wire/generated";
import css from "./Composer.module.css";
import { helpCommand, mentioned } from "./commands";
import { drafts, isEmpty, useDraft } from "../live/text/drafts";
import { Field } from "./Field";
import { useColleagues } from "./items";
import "./words";

export interface ComposerProps {
  view: ConversationView;
  me: string;
  tab: Visibility;
  onTab: (tab: Visibility) => void;
  /** `/help why` was typed; absent: nobody here asks for help. */
  onHelp?: (reason: string | undefined) => void;
}

/** Who reads what is written in public, or why nothing is. */
function publicWords(t: TFunction<"chat">, { members, may }: ConversationView, name: string): string {
  if (may.write_public) return t("composer.seenBy", { name });
  const taker = members.find(({ mode }) => mode === "take_over");
  return taker ? t("composer.takenOver", { name, by: shortName(taker.name) }) : t("composer.noPublic", { name });
}

/** Two tabs: which one a message is sent from decides who sees it. Words, icons and colour say so. */
export function Composer({ view, me, tab, onTab, onHelp }: ComposerProps) {
  const { t } = useTranslation("chat");
  const { may } = view;
  const send = useSend(view, me, onHelp);
  const customer = shortName(view.requester.name);
  if (!may.write_public && !may.write_private) return <p className={css["neither"]}>{t("composer.neither")}</p>;
  return (
    <Tabs
      label={t("composer.tabs")}
      className={css["composer"]}
      listClassName={css["tabs"]}
      panelClassName={classes(css["box"], tab === "private" && css["private"])}
      selected={tab}
      onSelect={onTab}
      tabs={[
        { id: "public", className: css["tab"], label: <Name view={view} tab="public" isHere={tab === "public"} /> },
        {
          id: "private",
          className: classes(css["tab"], css["privateTab"]),
          label: <Name view={view} tab="private" isHere={tab === "private"} />,
        },
      ]}
    >
      {tab === "public" ? (
        <>
          <p className={css["who"]}>
            <Users size={15} aria-hidden="true" />
            {publicWords(t, view, customer)}
          </p>
          {may.write_public && (
            <Field
              key={view.id}
              view={view}
              tab="public"
              label={t("composer.publicLabel", { name: customer })}
              placeholder={t("composer.toName", { name: customer })}
              canAskForHelp={onHelp !== undefined}
              onSend={() => send("public")}
            />
          )}
        </>
      ) : (
        <>
          <p className={css["who"]}>
            <EyeOff size={15} aria-hidden="true" />
            {may.write_private ? t("only") : t("composer.noPrivate")}
          </p>
          {may.write_private && (
            <Field
              key={view.id}
              view={view}
              tab="private"
              label={t("composer.privateLabel")}
              placeholder={t("composer.toStaff")}
              canAskForHelp={onHelp !== undefined}
              onSend={() => send("private")}
            />
          )}
        </>
      )}
    </Tabs>
  );
}

function Name({ view, tab, isHere }: { view: ConversationView; tab: Visibility; isHere: boolean }) {
  const { t } = useTranslation("chat");
  const Icon = tab === "public" ? Users : Lock;
  return (
    <>
      <Icon size={15} aria-hidden="true" />
      {t(`composer.${tab}`)}
      <DraftMark thread={view.id} tab={tab} isHere={isHere} />
    </>
  );
}

/** "· draft" on the tab that is not in sight. */
function DraftMark({ thread, tab, isHere }: { thread: string; tab: Visibility; isHere: boolean }) {
  const { t } = useTranslation("chat");
  const draft = useDraft(thread, tab);
  return isHere || isEmpty(draft) ? null : <span className={css["draft"]}>· {t("composer.draft")}</span>;
}

/** Sends the draft of a tab, to those who read that tab; who is named in it is brought in first. */
function useSend(view: ConversationView, me: string, onHelp: ComposerProps["onHelp"]) {
  const { api, link } = useTextTools();
  const colleagues = useColleagues();
  return (tab: Visibility) => {
    const draft = drafts.get(view.id, tab);
    if (isEmpty(draft)) return;
    const command = helpCommand(draft.text);
    if (command && onHelp) {
      onHelp(command.reason);
      drafts.set(view.id, tab, { text: "" });
      return;
    }
    const here = new Set(view.members.map(({ user }) => user));
    for (const { user } of mentioned(draft.text, colleagues ?? [])) {
      if (user !== me && !here.has(user))
        api.tag(view.id, user).catch((error: Error) => toast(error.message, "refused"));
    }
    link.send(view.id, { text: draft.text.trim(), visibility: tab, attachments: draft.attachments });
    drafts.clear(view.id, tab);
  };
}
