import { useTranslation } from "react-i18next";
import { useLive, useLiveStore, useText } from "../../../live/hooks";
import { lastMessage, memberOf, typingIn, unreadOf } from "../../../live/text/select";
import { useTicking } from "../../../browser/ticking";
import { shortName } from "../../../ui/names";
import type { ConversationView } from "../../../wire/generated";
import css from "./Table.module.css";

/**
 * What goes on in a conversation. Of what is written an overseer is told nothing before they
 * listen or are brought in: until then it is where it stands and what it is about.
 */
export function ChatCell({ view }: { view: ConversationView }) {
  const me = useLive((state) => state.me?.id) ?? "";
  const reads = memberOf(view, me) !== undefined;
  return <span className={css["chat"]}>{reads ? <Written view={view} me={me} /> : <Standing view={view} />}</span>;
}

function Written({ view, me }: { view: ConversationView; me: string }) {
  const { t } = useTranslation("supervisor");
  const store = useLiveStore();
  const unread = useText((state) => unreadOf(state, view));
  const last = useText((state) => lastMessage(state, view.id));
  const typist = useTicking(() => typingIn(store.getState().text, view.id, store.serverNow(), me)[0]?.name ?? "");
  if (typist) return <>{t("chatCell.types", { name: shortName(typist) })}</>;
  if (unread === 0 && !last?.text) return <Standing view={view} />;
  return (
    <>
      {unread > 0 && (
        <b>
          {t("chatCell.unread", { count: unread })}
          {last && " · "}
        </b>
      )}
      {last?.text && `“${last.text}”`}
    </>
  );
}

function Standing({ view }: { view: ConversationView }) {
  const { t } = useTranslation("supervisor");
  const state =
    view.state === "waiting"
      ? t("state.waiting")
      : view.state === "parked"
        ? t("state.parked", { to: view.transferring_to ?? "" })
        : "";
  const handover = view.handovers?.[0];
  const asked = handover && view.state === "active" ? t("state.asked", { to: handover.to_name }) : "";
  return <>{[state || asked, view.subject].filter(Boolean).join(" · ")}</>;
}
