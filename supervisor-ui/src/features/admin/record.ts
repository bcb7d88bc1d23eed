import type { AuditEntry } from "../../wire/generated";

/** One field that a change changed. `undefined`: it was, or is, not there. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Names first, then where it belongs, then the rest. */
const FIRST = [
  "name",
  "title",
  "username",
  "key",
  "text",
  "role",
  "permissions",
  "team",
  "teams",
  "queue",
  "queues",
  "skills",
];

const rank = (field: string) => (FIRST.includes(field) ? FIRST.indexOf(field) : FIRST.length);

/** Fields of what was made that say nothing: nobody chose them. */
const isEmpty = (value: unknown) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** What differs. Of something new or deleted: all that it had. */
export function changesOf({ before, after }: AuditEntry): FieldChange[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changes = fields
    .toSorted((a, b) => rank(a) - rank(b))
    .map((field) => ({ field, before: before?.[field], after: after?.[field] }));
  return changes.filter(
    (change) =>
      JSON.stringify(change.before) !== JSON.stringify(change.after) &&
      !(isEmpty(change.before) && isEmpty(change.after)),
  );
}

/** A value for people; lists and switches in words. */
export function valueText(
  value: unknown,
  words: { yes: string; no: string; nothing: string },
  named: (value: string) => string,
): string {
  if (isEmpty(value)) return words.nothing;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.map((one) => named(String(one))).join(", ");
  return named(String(value));
}
