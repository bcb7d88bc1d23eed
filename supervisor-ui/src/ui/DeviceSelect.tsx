import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "./classes";
import css from "./DeviceSelect.module.css";

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
    <span className={classes(css["select"], boxed && css["boxed"])}>
      {icon}
      <select
        aria-label={label}
        value={selected ?? DEFAULT}
        onChange={({ target: { value } }) => onChoose(value === DEFAULT ? undefined : value)}
      >
        {items.map((item) => (
          <option key={item.id} value={item.id}>
            {item.label}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </span>
  );
}
