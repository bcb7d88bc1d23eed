import { LoaderCircle } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { MODE_ICONS } from "../../../hearing/modes";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { classes } from "../../../ui/classes";
import { Kbd } from "../../../ui/Kbd";
import type { Mode } from "../../../wire/generated";
import { supervisorKeys } from "../model/keys";
import type { Availability, Choice } from "../supervision/availability";
import css from "./Modes.module.css";

const MODES: readonly Choice[] = ["listen", "whisper", "barge"];

export interface ModesProps {
  /** Confirmed by the server; null: not here. */
  mode: Mode | null;
  /** Asked for. */
  asked: Mode | null;
  label: string;
  /** What holds in each: who hears or sees the user. */
  hints: Record<Choice, string>;
  availability: Record<Choice, Availability>;
  onChoose: (mode: Choice) => void;
}

/** Listen, Whisper, Barge. Arrows move the focus only; Space or Enter chooses. */
export function Modes({ mode, asked, label, hints, availability, onChoose }: ModesProps) {
  const group = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<Choice | null>(null);
  // Out of a take-over, Barge hands back.
  const tabbable = focused ?? (mode === "take_over" ? "barge" : mode) ?? "listen";
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = MODES[(MODES.indexOf(tabbable) + move + MODES.length) % MODES.length] ?? "listen";
    setFocused(next);
    group.current?.querySelector<HTMLElement>(`[data-mode-option="${next}"]`)?.focus();
  };
  return (
    <div
      ref={group}
      className={css["modes"]}
      role="radiogroup"
      aria-label={label}
      onKeyDown={onKeyDown}
      onBlur={() => setFocused(null)}
    >
      {MODES.map((option) => (
        <Option
          key={option}
          mode={option}
          checked={mode === option}
          asked={asked === option && mode !== option}
          hint={hints[option]}
          availability={availability[option]}
          tabbable={tabbable === option}
          onFocus={() => setFocused(option)}
          onChoose={() => onChoose(option)}
        />
      ))}
    </div>
  );
}

interface OptionProps {
  mode: Choice;
  checked: boolean;
  asked: boolean;
  hint: string;
  availability: Availability;
  tabbable: boolean;
  onFocus: () => void;
  onChoose: () => void;
}

function Option({ mode, checked, asked, hint: holds, availability, tabbable, onFocus, onChoose }: OptionProps) {
  const { t } = useTranslation("supervisor");
  const { t: hearing } = useTranslation("hearing");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const Icon = MODE_ICONS[mode];
  const refused = availability !== "yes";
  const hint = asked ? t("modes.asking") : refused ? t(`modes.${availability}`) : holds;
  return (
    <button
      type="button"
      role="radio"
      data-mode-option={mode}
      className={classes(css["mode"], css[mode], asked && css["asked"])}
      aria-checked={checked}
      aria-disabled={refused}
      aria-keyshortcuts={enabled ? map[mode] : undefined}
      tabIndex={tabbable ? 0 : -1}
      onFocus={onFocus}
      onClick={() => !refused && onChoose()}
    >
      <span className={classes(css["icon"], asked && "spin")}>
        {asked ? <LoaderCircle size={20} aria-hidden="true" /> : <Icon size={20} aria-hidden="true" />}
      </span>
      <b>
        {hearing(`modes.${mode}`)}
        {checked && <span aria-hidden="true"> ✓</span>}
      </b>
      {enabled && <Kbd>{capOf(map[mode])}</Kbd>}
      <span className={css["hint"]}>{hint}</span>
    </button>
  );
}
