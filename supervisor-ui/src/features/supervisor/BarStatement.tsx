import { ArrowLeft, Square } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../hearing/modes";
import { Button } from "../../ui/Button";
import type { Mode } from "../../wire/generated";
import css from "./BarStatement.module.css";
import { KeyButton, PendingTag, StopThere, wordsOf } from "./panel/Statement";
import { useCallStatement, useSupervisions, useTextStatement } from "./supervision/hooks";
import { noticed } from "./supervision/plan";
import { TextPendingTag, textWords } from "./panel/ChatStatement";

export interface BarStatementProps {
  /** What the open panel shows: its own Back and Stop are there. */
  shown: string | null;
  onShow: (id: string) => void;
}

/** Who hears the user on a call, or else sees them in a conversation; away from its panel with the ways back. */
export function BarStatement(props: BarStatementProps) {
  const voice = useCallStatement();
  const text = useTextStatement();
  const inText =
    voice.mode === "off" && !voice.pending && text.mode !== "lost" && (text.mode !== "off" || text.pending !== null);
  return inText ? <InText {...props} /> : <OnCall {...props} />;
}

function OnCall({ shown, onShow }: BarStatementProps) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const said = useCallStatement();
  const agent = "whom" in said ? said.whom : "";
  const pending = said.mode === "lost" ? null : said.pending;
  const there = said.mode === "elsewhere" ? said : null;
  const call = said.mode === "off" || said.mode === "lost" ? null : said.at;
  return (
    <Said
      mode={there ? there.there : said.mode === "elsewhere" ? "off" : said.mode}
      words={wordsOf(t, "bar", said)}
      tag={pending && pending.at !== shown && <PendingTag pending={pending} agent={agent} />}
    >
      {there && there.at !== shown && (
        <span className={css["actions"]}>
          <StopThere at={there.at} leg={there.leg} size="small" />
          <Button size="small" onPress={() => onShow(there.at)}>
            {t("actions.show")}
          </Button>
        </span>
      )}
      {!there && call !== null && call !== shown && said.mode !== "elsewhere" && (
        <Ways
          mode={said.mode}
          show={t("actions.show")}
          onBack={() => calls.listen(call)}
          onStop={() => calls.stop()}
          onShow={() => onShow(call)}
        />
      )}
    </Said>
  );
}

function InText({ shown, onShow }: BarStatementProps) {
  const { t } = useTranslation("supervisor");
  const { chats } = useSupervisions();
  const said = useTextStatement();
  if (said.mode === "lost") return null;
  const there = said.mode === "elsewhere";
  const mode = said.mode === "elsewhere" ? said.there : said.mode;
  const customer = said.mode === "off" ? "" : said.whom;
  const id = said.mode === "off" ? null : said.at;
  const { pending } = said;
  return (
    <Said
      mode={mode}
      words={textWords(t, said)}
      tag={pending && pending.at !== shown && <TextPendingTag pending={pending} customer={customer} />}
    >
      {id !== null && id !== shown && there && (
        <span className={css["actions"]}>
          <Button size="small" onPress={() => onShow(id)}>
            {t("text.show")}
          </Button>
        </span>
      )}
      {id !== null && id !== shown && !there && (
        <Ways
          mode={mode}
          show={t("text.show")}
          onBack={() => chats.listen(id)}
          onStop={() => chats.stop()}
          onShow={() => onShow(id)}
        />
      )}
    </Said>
  );
}

interface SaidProps {
  mode: Mode | "off" | "lost";
  words: readonly [mode: string, who: string];
  tag: ReactNode;
  children: ReactNode;
}

function Said({ mode, words: [what, who], tag, children }: SaidProps) {
  const Icon = MODE_ICONS[mode];
  return (
    <div className={css["state"]}>
      <span className={css["words"]} role="status">
        <Icon size={18} aria-hidden="true" />
        <span>
          <b>{what}</b> – {who}
        </span>
      </span>
      {tag}
      {children}
    </div>
  );
}

interface WaysProps {
  mode: Mode | "off" | "lost";
  show: string;
  onBack: () => void;
  onStop: () => void;
  onShow: () => void;
}

/** Out of a mode, from wherever the user is. */
function Ways({ mode, show, onBack, onStop, onShow }: WaysProps) {
  const { t } = useTranslation("supervisor");
  return (
    <span className={css["actions"]}>
      {mode !== "off" && mode !== "lost" && noticed(mode) && (
        <KeyButton
          size="small"
          action="listen"
          icon={<ArrowLeft size={14} aria-hidden="true" />}
          label={t("actions.back")}
          onPress={onBack}
        />
      )}
      <KeyButton
        size="small"
        action="stop"
        icon={<Square size={13} aria-hidden="true" />}
        label={t("actions.stop")}
        onPress={onStop}
      />
      <Button size="small" onPress={onShow}>
        {show}
      </Button>
    </span>
  );
}
