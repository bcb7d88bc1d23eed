import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";
import { classes } from "./classes";
import css from "./Menu.module.css";

const DEFAULT = "default";

/** A microphone or a speaker to choose from. */
interface Choice {
  id: string;
  /** May be empty: then it is numbered. */
  label: string;
}

export interface DeviceSelectProps {
  /** "Microphone" or "Speaker": the select's name. */
  label: string;
  icon?: ReactNode;
  devices: readonly Choice[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
  /** With a border, for forms; otherwise a plain text with an arrow. */
  boxed?: boolean;
}

/** Chooses a microphone or a speaker. The system's default is always among them. */
export function DeviceSelect({ label, icon, devices, chosen, onChoose, boxed = false }: DeviceSelectProps) {
  const { t } = useTranslation();
  const own = devices.filter((device) => device.id !== DEFAULT);
  const items = [
    { id: DEFAULT, label: t("systemDefault") },
    ...own.map((d, i) => ({ id: d.id, label: d.label || `${label} ${i + 1}` })),
  ];
  const selected = items.some((item) => item.id === chosen) ? chosen : DEFAULT;
  return (
    <Select
      aria-label={label}
      value={selected ?? DEFAULT}
      onChange={(key) => onChoose(key === DEFAULT || key === null ? undefined : String(key))}
    >
      <Button className={classes(css["select"], boxed && css["boxed"])}>
        {icon}
        <SelectValue className={css["value"] ?? ""}>{({ selectedText }) => selectedText}</SelectValue>
        <ChevronDown size={14} aria-hidden="true" />
      </Button>
      <Popover className={css["popover"] ?? ""}>
        <ListBox className={css["menu"] ?? ""} items={items}>
          {(item) => (
            <ListBoxItem className={css["item"] ?? ""} textValue={item.label}>
              {({ isSelected }) => (
                <>
                  <span className={css["tick"]}>{isSelected && <Check size={14} aria-hidden="true" />}</span>
                  {item.label}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
