import { EyeOff, Speech } from "lucide-react";
import type { FocusEvent } from "react";
import { useTranslation } from "react-i18next";
import { Composer } from "../../../chat/Composer";
import { isOpen } from "../../../hearing/plan";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { Button } from "../../../ui/Button";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import type { ConversationView, Mode, Visibility } from "../../../wire/generated";
import { supervisorKeys } from "../model/keys";
import css from "./Panel.module.css";
import { focusSoon, PRIVATE_FIELD } from "../dashboard/focus";
import { useSupervisions } from "../supervision/hooks";
import { reachedAlone } from "./ChatPeople";

export interface ChatComposerProps {
  view: ConversationView;
  me: string;
  /** Confirmed in this conversation. */
  mode: Mode;
  tab: Visibility;
  onTab: (tab: Visibility) => void;
  onBarge: () => void;
  canWhisper: boolean;
}

/**
 * Where one writes: in Whisper to staff, in Barge and a take-over to either. The way to the public tab is the step
 * into Barge. Whoever is writing privately meanwhile stays there: no tab changes under their hands.
 */
export function ChatComposer({ view, me, mode, tab, onTab, onBarge, canWhisper }: ChatComposerProps) {
  if (mode === "listen")
    return <Reading agent={shortName(reachedAlone(view, me)?.name ?? "")} canWhisper={canWhisper} />;
  const shown = isOpen(mode) ? tab : "private";
  const choose = (next: Visibility) => {
    onTab(next);
    if (next === "public" && !isOpen(mode)) onBarge();
  };
  const stay = (event: FocusEvent) => event.target.matches(PRIVATE_FIELD) && tab !== "private" && onTab("private");
  return (
    <div onFocus={stay}>
      <Composer view={view} me={me} tab={shown} onTab={choose} />
    </div>
  );
}

/** In Listen nothing is written; the way to it is Whisper. */
function Reading({ agent, canWhisper }: { agent: string; canWhisper: boolean }) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  const { map, enabled } = useKeySettings(supervisorKeys);
  const begin = () => {
    chats.speak("whisper");
    focusSoon(PRIVATE_FIELD);
  };
  return (
    <footer className={css["over"]}>
      <EyeOff size={16} aria-hidden="true" />
      <p>{t("text.reading")}</p>
      {canWhisper && (
        <Button onPress={begin} {...(enabled ? { "aria-keyshortcuts": map.private } : {})}>
          <Speech size={15} aria-hidden="true" />
          {agent ? t("text.beginTo", { agent }) : t("text.begin")}
          {enabled && <Kbd>{capOf(map.private)}</Kbd>}
        </Button>
      )}
    </footer>
  );
}
