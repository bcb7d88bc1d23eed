import { Search } from "lucide-react";
import type { ComponentProps, ReactNode, Ref } from "react";
import css from "./Filters.module.css";
import { classes } from "./classes";
import { dayOf, dayStart } from "./names";

/** What a list is narrowed to, in one line above it. */
export function FilterBar({ className, ...rest }: ComponentProps<"div">) {
  return <div className={classes(css["bar"], className)} {...rest} />;
}

/** At the end of the line. */
export function FilterEnd({ children }: { children: ReactNode }) {
  return <span className={css["end"]}>{children}</span>;
}

export interface SearchFieldProps {
  /** Its name; and what stands in it while it is empty, unless `placeholder` does. */
  label: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
  /** UTF-16 units. */
  maxLength?: number;
  /** Escape leaves the field. */
  leavesOnEscape?: boolean;
  /** Behind the text: the key that leads here. */
  children?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** Finds by text. `--search` (flex) and `--search-min` of what is around it say how wide it is. */
export function SearchField({
  label,
  placeholder,
  value,
  onChange,
  leavesOnEscape,
  children,
  ...rest
}: SearchFieldProps) {
  return (
    <label className={css["search"]} data-keyed={children ? "" : undefined}>
      <Search size={15} aria-hidden="true" />
      <span className="vh">{label}</span>
      <input
        {...rest}
        type="search"
        placeholder={placeholder ?? label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => leavesOnEscape && event.key === "Escape" && event.currentTarget.blur()}
      />
      {children}
    </label>
  );
}

export interface ChoiceFieldProps<T extends string> {
  label: string;
  /** What no choice means: "All queues". Without it, something is always chosen. */
  every?: string;
  options: readonly { readonly id: T; readonly name: string }[];
  value: T | "";
  onChange: (id: T | "") => void;
}

/** One of a few things, or all of them. */
export function ChoiceField<T extends string>({ label, every, options, value, onChange }: ChoiceFieldProps<T>) {
  const choose = (wanted: string) => onChange(options.find(({ id }) => id === wanted)?.id ?? "");
  return (
    <select className={css["field"]} aria-label={label} value={value} onChange={(event) => choose(event.target.value)}>
      {every !== undefined && <option value="">{every}</option>}
      {options.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

export interface DayFieldProps {
  label: string;
  /** A day counts whole, on the reader's clock: `from` is its first instant, `until` the first one after it. */
  bound: "from" | "until";
  /** Milliseconds since 1970; `null`: open. */
  value: number | null;
  onChange: (ms: number | null) => void;
  required?: boolean;
}

/** The first or the last day of a period. */
export function DayField({ label, bound, value, onChange, required = false }: DayFieldProps) {
  const last = bound === "until";
  return (
    <label className={css["labelled"]}>
      {label}
      <input
        className={css["field"]}
        type="date"
        required={required}
        value={value === null ? "" : dayOf(last ? value - 1 : value)}
        onChange={(event) => onChange(dayStart(event.target.value, last ? 1 : 0))}
      />
    </label>
  );
}

/** Yes or no. */
export function CheckField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className={css["labelled"]}>
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}

export interface FilterChipProps {
  pressed: boolean;
  onPress: () => void;
  /** For the widths at which some chips leave. */
  className?: string | undefined;
  children: ReactNode;
}

/** A quick filter: on or off. */
export function FilterChip({ pressed, onPress, className, children }: FilterChipProps) {
  return (
    <button type="button" className={classes(css["chip"], className)} aria-pressed={pressed} onClick={onPress}>
      {children}
    </button>
  );
}
