import { ArrowLeft, LoaderCircle, Square } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
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
  const { key, elsewhere } = shown(said, call.id);
  const Icon = MODE_ICONS[key === "elsewhere" ? "off" : key];
  const pending = said.mode === "lost" || said.pending?.at !== call.id ? null : said.pending;
  const agent = "whom" in said ? said.whom : "";
  const who = t(`statement.panel.${key}.who`, { agent });
  const here = !elsewhere && (key === "listen" || key === "whisper" || key === "barge");
  return (
    <section className={classes(css["statement"], css[key], pending && css["waiting"])}>
      <span className={css["disc"]}>
        <Icon size={24} aria-hidden="true" />
      </span>
      <div className={css["words"]}>
        <div className={css["mode"]}>
          {t(`statement.panel.${key}.mode`)}
          {pending && <PendingTag pending={pending} agent={agent} />}
        </div>
        <div className={css["who"]} data-long={who.length > LONG_CHARS}>
          {who}
        </div>
      </div>
      <div className={css["actions"]}>
        {here && noticed(key) && (
          <KeyButton
            action="listen"
            icon={<ArrowLeft size={15} aria-hidden="true" />}
            label={t("actions.back")}
            onPress={() => calls.listen(call.id)}
          />
        )}
        {here && (
          <KeyButton
            action="stop"
            icon={<Square size={14} aria-hidden="true" />}
            label={t("actions.stop")}
            onPress={() => calls.stop()}
          />
        )}
        {!here && canListen && !pending && (
          <KeyButton
            action="listen"
            icon={<MODE_ICONS.listen size={15} aria-hidden="true" />}
            label={t("actions.listen")}
            onPress={() => enter("call", call.id)}
          />
        )}
      </div>
    </section>
  );
}

function shown(said: Said, call: string): { key: Said["mode"] | "elsewhere"; elsewhere: boolean } {
  if (said.mode === "lost" || said.mode === "off") return { key: said.mode, elsewhere: false };
  return said.at === call ? { key: said.mode, elsewhere: false } : { key: "elsewhere", elsewhere: true };
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
