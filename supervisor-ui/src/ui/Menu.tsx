import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "./Button";
import { Popup, type PopupProps, type TriggerProps } from "./Popup";
import css from "./Menu.module.css";

export interface MenuEntry {
  id: string;
  label: string;
  /** Of a choice: whether it is the one that holds. */
  isChosen?: boolean;
  isDisabled?: boolean;
  onSelect: () => void;
}

export interface MenuButtonProps {
  label: string;
  entries: readonly MenuEntry[];
  placement?: PopupProps["placement"];
  /** Above the entries. */
  head?: ReactNode;
  trigger: (props: TriggerProps) => ReactNode;
}

/** A button that opens a menu. */
export function MenuButton({ label, entries, placement, head, trigger }: MenuButtonProps) {
  return (
    <Popup label={label} role="menu" {...(placement && { placement })} trigger={trigger}>
      {(close) => (
        <>
          {head && <div className={css["head"]}>{head}</div>}
          <div role="menu" aria-label={label}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} close={close} />
            ))}
          </div>
        </>
      )}
    </Popup>
  );
}

function Entry({
  entry: { label, isChosen, isDisabled = false, onSelect },
  close,
}: {
  entry: MenuEntry;
  close: () => void;
}) {
  return (
    <button
      type="button"
      className={css["item"]}
      role={isChosen === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={isChosen}
      aria-disabled={isDisabled}
      tabIndex={-1}
      // The pointer and the keys move one mark, not two.
      onPointerMove={(event) => isDisabled || event.currentTarget.focus({ preventScroll: true })}
      onClick={() => {
        if (isDisabled) return;
        close();
        onSelect();
      }}
    >
      {isChosen !== undefined && (
        <span className={css["tick"]}>{isChosen && <Check size={14} aria-hidden="true" />}</span>
      )}
      {label}
    </button>
  );
}

export interface Choice<T extends string> {
  id: T;
  label: string;
}

export interface ChoiceMenuProps<T extends string> {
  label: string;
  icon: ReactNode;
  choices: readonly Choice<T>[];
  chosen: T;
  onChoose: (id: T) => void;
  /** Writes the choice beside the icon. */
  worded?: boolean;
}

/** An icon that opens a menu in which one of a few things is chosen. */
export function ChoiceMenu<T extends string>({
  label,
  icon,
  choices,
  chosen,
  onChoose,
  worded = false,
}: ChoiceMenuProps<T>) {
  const current = choices.find((choice) => choice.id === chosen)?.label ?? "";
  return (
    <MenuButton
      label={label}
      entries={choices.map(({ id, label: name }) => ({
        id,
        label: name,
        isChosen: id === chosen,
        onSelect: () => onChoose(id),
      }))}
      trigger={(props) =>
        worded ? (
          <Button kind="quiet" aria-label={`${label}: ${current}`} {...props}>
            {icon}
            {current}
          </Button>
        ) : (
          <IconButton aria-label={`${label}: ${current}`} {...props}>
            {icon}
          </IconButton>
        )
      }
    />
  );
}
