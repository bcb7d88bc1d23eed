import { ArrowLeft, LoaderCircle, type LucideIcon, Square } from "lucide-react";
import type { ReactNode } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { toneOf } from "../../../hearing/plan";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { Kbd } from "../../../ui/Kbd";
import type { CallView } from "../../../wire/generated";
import { supervisorKeys } from "../model/keys";
import { useCallStatement, useEnter, useSupervisions } from "../supervision/hooks";
import { noticed, type Pending } from "../supervision/plan";
import type { Statement as Said } from "../supervision/statement";
import css from "./Statement.module.css";

/** Longer sentences are written smaller, on two lines if need be: nothing of them is ever cut. */
const LONG_CHARS = 21;

/** Who hears the user on this call, big; what was asked for and is not confirmed yet, beside it. */
export function Statement({ call, canListen }: { call: CallView; canListen: boolean }) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  const enter = useEnter();
  const said = useCallStatement();
  const key = shown(said, call.id);
  const pending = pendingAt(said, call.id);
  const agent = "whom" in said ? said.whom : "";
  const [mode, who] = wordsOf(t, "panel", said.mode === "elsewhere" || key !== "otherCall" ? said : "otherCall");
  return (
    <StatementBlock
      tone={said.mode === "elsewhere" ? said.there : key}
      icon={
        MODE_ICONS[said.mode === "elsewhere" ? said.there : key === "otherCall" || key === "elsewhere" ? "off" : key]
      }
      mode={mode}
      who={who}
      tag={pending && <PendingTag pending={pending} agent={agent} />}
    >
      {said.mode === "elsewhere" && said.at === call.id && <StopThere at={said.at} leg={said.leg} />}
      <ModeButtons
        mode={key}
        onBack={() => calls.listen(call.id)}
        onStop={() => calls.stop()}
        {...(canListen && !pending && { onListen: () => enter("call", call.id) })}
        listen={{
          icon: MODE_ICONS.listen,
          label: t(said.mode === "elsewhere" && said.at === call.id ? "actions.listenHere" : "actions.listen"),
        }}
      />
    </StatementBlock>
  );
}

/** Mode and sentence of a statement on a call, for the bar or the panel. */
export function wordsOf(
  t: TFunction<"supervisor">,
  where: "bar" | "panel",
  said: Said | "otherCall",
): [mode: string, who: string] {
  if (said === "otherCall") return [t("statement.panel.otherCall.mode"), t("statement.panel.otherCall.who")];
  const agent = "whom" in said ? said.whom : "";
  const perhaps = "perhaps" in said ? said.perhaps.map(({ name }) => name).join(", ") : "";
  const mode =
    said.mode === "elsewhere" ? t(`statement.there.${said.there}`) : t(`statement.${where}.${said.mode}.mode`);
  const who = said.mode === "elsewhere" ? said.there : said.mode;
  if ("cut" in said && said.cut) return [mode, t(`statement.cut.${where}`)];
  if (who === "whisper" && perhaps) return [mode, t(`statement.${where}.whisper.perhaps`, { agent, perhaps })];
  return [mode, t(`statement.${where}.${who}.who`, { agent })];
}

/** Ends what another place of the user's does, by a word of the user's own. */
export function StopThere({ at, leg, size = "medium" }: { at: string; leg: string; size?: "small" | "medium" }) {
  const { t } = useTranslation("supervisor");
  const { calls } = useSupervisions();
  return (
    <Button size={size} onPress={() => void calls.stopThere(at, leg)}>
      <Square size={14} aria-hidden="true" />
      {t("actions.stopThere")}
    </Button>
  );
}

/** What is said of the call or conversation `at`. */
export function shown(said: Said, at: string): Said["mode"] | "otherCall" {
  return "at" in said && said.at !== at ? "otherCall" : said.mode;
}

/** What is waited for there. */
export function pendingAt(said: Said, at: string): Pending | null {
  return said.mode === "lost" || said.pending?.at !== at ? null : said.pending;
}

export interface StatementBlockProps {
  tone: Said["mode"] | "otherCall";
  icon: LucideIcon;
  mode: string;
  who: string;
  /** What was asked for and is not confirmed yet. */
  tag: ReactNode;
  /** The ways in and out. */
  children: ReactNode;
}

export function StatementBlock({ tone, icon: Icon, mode, who, tag, children }: StatementBlockProps) {
  return (
    <section className={classes(css["statement"], css[toneOf(tone)], tag !== null && css["waiting"])}>
      <span className={css["disc"]}>
        <Icon size={24} aria-hidden="true" />
      </span>
      <div className={css["words"]}>
        <div className={css["mode"]}>
          {mode}
          {tag}
        </div>
        <div className={css["who"]} data-long={who.length > LONG_CHARS}>
          {who}
        </div>
      </div>
      <div className={css["actions"]}>{children}</div>
    </section>
  );
}

export interface ModeButtonsProps {
  mode: Said["mode"] | "otherCall" | "tagged";
  onBack: () => void;
  onStop: () => void;
  /** Where Listen can be asked for. */
  onListen?: () => void;
  listen: { icon: LucideIcon; label: string };
}

/** Back to Listen and Stop where the user is; Listen where not. */
export function ModeButtons({ mode, onBack, onStop, onListen, listen }: ModeButtonsProps) {
  const { t } = useTranslation("supervisor");
  const here = mode === "listen" || mode === "whisper" || mode === "barge" || mode === "take_over";
  return (
    <>
      {here && noticed(mode) && (
        <KeyButton
          action="listen"
          icon={<ArrowLeft size={15} aria-hidden="true" />}
          label={t("actions.back")}
          onPress={onBack}
        />
      )}
      {here && (
        <KeyButton
          action="stop"
          icon={<Square size={14} aria-hidden="true" />}
          label={t("actions.stop")}
          onPress={onStop}
        />
      )}
      {!here && onListen && (
        <KeyButton
          action="listen"
          icon={<listen.icon size={15} aria-hidden="true" />}
          label={listen.label}
          onPress={onListen}
        />
      )}
    </>
  );
}

export function PendingTag({ pending, agent }: { pending: Pending; agent: string }) {
  const { t } = useTranslation("supervisor");
  return (
    <Tag>
      {pending.kind === "asking"
        ? t(`statement.asked.${pending.mode}`)
        : t(`statement.leaving.${pending.from}`, { agent })}
    </Tag>
  );
}

/** What was asked for and is not confirmed yet. */
export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className={css["tag"]}>
      <span className="spin">
        <LoaderCircle size={13} aria-hidden="true" />
      </span>
      {children}
    </span>
  );
}

interface KeyButtonProps {
  action: "listen" | "stop";
  icon: ReactNode;
  label: string;
  onPress: () => void;
  size?: "small" | "medium";
}

/** A button with the key that does the same. */
export function KeyButton({ action, icon, label, onPress, size = "medium" }: KeyButtonProps) {
  const { map, enabled } = useKeySettings(supervisorKeys);
  return (
    <Button size={size} onPress={onPress} {...(enabled ? { "aria-keyshortcuts": map[action] } : {})}>
      {icon}
      {label}
      {enabled && <Kbd>{capOf(map[action])}</Kbd>}
    </Button>
  );
}
