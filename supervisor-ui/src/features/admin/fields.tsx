import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import css from "./fields.module.css";
import type { Wrong } from "./forms";

interface FieldProps {
  label: string;
  hint?: string;
  wrong?: Wrong | undefined;
}

interface Ids {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

/** A label, a control, and what it is about or what is wrong with it. */
function Field({ label, hint, wrong, children }: FieldProps & { children: (ids: Ids) => ReactNode }) {
  const { t } = useTranslation("admin");
  const id = useId();
  const described = wrong ? `${id}-wrong` : hint ? `${id}-hint` : undefined;
  return (
    <div className={css["field"]}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described, "aria-invalid": wrong ? true : undefined })}
      {hint && !wrong && (
        <span id={`${id}-hint`} className={css["hint"]}>
          {hint}
        </span>
      )}
      {wrong && (
        <span id={`${id}-wrong`} className={css["wrong"]}>
          {t(`wrong.${wrong.key}`, { min: wrong.min, max: wrong.max })}
        </span>
      )}
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "password";
  lines?: number;
  required?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
  readOnly?: boolean;
}

export function TextField({
  value,
  onChange,
  type = "text",
  lines,
  required,
  autoFocus,
  autoComplete = "off",
  readOnly,
  ...field
}: TextFieldProps) {
  return (
    <Field {...field}>
      {(ids) =>
        lines ? (
          <textarea
            {...ids}
            rows={lines}
            required={required}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <input
            {...ids}
            type={type}
            required={required}
            autoFocus={autoFocus}
            autoComplete={autoComplete}
            readOnly={readOnly}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

export interface NumberFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  unit: string | null;
}

/** A number with its unit: what was typed, so that a mistake stays to be seen. */
export function NumberField({ value, onChange, unit, ...field }: NumberFieldProps) {
  const name = unit === null ? field.label : `${field.label} (${unit})`;
  return (
    <div className={css["number"]}>
      <Field {...field} label={name}>
        {(ids) => (
          <input {...ids} inputMode="numeric" value={value} onChange={(event) => onChange(event.target.value)} />
        )}
      </Field>
    </div>
  );
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  value: T;
  onChange: (value: T) => void;
  choices: readonly { id: T; name: string }[];
}

export function SelectField<T extends string>({ value, onChange, choices, ...field }: SelectFieldProps<T>) {
  return (
    <Field {...field}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={(event) => {
            const chosen = choices.find(({ id }) => id === event.target.value);
            if (chosen) onChange(chosen.id);
          }}
        >
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export interface CheckProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** One switch, with what it means. */
export function Check({ label, hint, checked, onChange }: CheckProps) {
  const id = useId();
  return (
    <div className={css["check"]}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <span id={`${id}-hint`} className={css["hint"]}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** Several switches under one name. */
export function Group({ label, hint, children }: { label: string; hint?: string | undefined; children: ReactNode }) {
  const id = useId();
  return (
    <fieldset className={css["group"]} aria-describedby={hint ? id : undefined}>
      <legend>{label}</legend>
      {children}
      {hint && (
        <span id={id} className={css["hint"]}>
          {hint}
        </span>
      )}
    </fieldset>
  );
}

export interface ChecksProps {
  label: string;
  hint?: string;
  /** Said instead of them when there are none. */
  none: string;
  all: readonly { id: string; name: string }[];
  chosen: readonly string[];
  onToggle: (id: string) => void;
}

/** Some of many. */
export function Checks({ label, hint, none, all, chosen, onToggle }: ChecksProps) {
  return (
    <Group label={label} hint={hint}>
      {all.length === 0 && <p className={css["hint"]}>{none}</p>}
      <div className={css["many"]}>
        {all.map(({ id, name }) => (
          <Check key={id} label={name} checked={chosen.includes(id)} onChange={() => onToggle(id)} />
        ))}
      </div>
    </Group>
  );
}
