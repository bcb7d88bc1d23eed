import type { ReactNode } from "react";
import { Check } from "lucide-react";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button, IconButton } from "./Button";
import css from "./Menu.module.css";

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
    <MenuTrigger>
      {worded ? (
        <Button kind="quiet" aria-label={`${label}: ${current}`}>
          {icon}
          {current}
        </Button>
      ) : (
        <IconButton aria-label={`${label}: ${current}`}>{icon}</IconButton>
      )}
      <Popover placement="bottom end" className={css["popover"] ?? ""}>
        <AriaMenu
          aria-label={label}
          className={css["menu"] ?? ""}
          selectionMode="single"
          selectedKeys={[chosen]}
          onSelectionChange={(keys) => {
            const next = keys !== "all" && choices.find(({ id }) => keys.has(id));
            if (next) onChoose(next.id);
          }}
        >
          {choices.map((choice) => (
            <MenuItem key={choice.id} id={choice.id} textValue={choice.label} className={css["item"] ?? ""}>
              {({ isSelected }) => (
                <>
                  <span className={css["tick"]}>{isSelected && <Check size={14} aria-hidden="true" />}</span>
                  {choice.label}
                </>
              )}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
