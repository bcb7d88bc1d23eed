import type { UserRef } from "../wire/generated";

/** What a list is offered for at the caret: a colleague's name, or a reply. */
export interface Asked {
  readonly kind: "mention" | "reply";
  readonly query: string;
  /** The stretch of the text that a choice replaces. */
  readonly from: number;
  readonly to: number;
}

const NAME_CHARS_MAX = 40;
/** "／" is what a Japanese keyboard types. */
const HELP = /^[/／]help(?:\s+([\s\S]*))?$/i;

/** `/help why`: a request for help, never a message. Null: it is a message. */
export function helpCommand(text: string): { reason: string | undefined } | null {
  const match = HELP.exec(text.trim());
  return match && { reason: match[1]?.trim() || undefined };
}

/** What the text before the caret asks for; null: nothing. */
export function askedAt(text: string, caret: number): Asked | null {
  const before = text.slice(0, caret);
  const reply = /^[/／](\S*)$/.exec(before);
  if (reply) return { kind: "reply", query: reply[1] ?? "", from: 0, to: caret };
  const mention = /(?:^|[^\w@])[@＠]([^\s@＠]*)$/.exec(before);
  const query = mention?.[1];
  if (query === undefined || query.length > NAME_CHARS_MAX) return null;
  return { kind: "mention", query, from: caret - query.length - 1, to: caret };
}

/** The text with a choice put in, and where the caret stands then. */
export function withChoice(text: string, asked: Asked, choice: string): { text: string; caret: number } {
  const after = text.slice(asked.to);
  const put = asked.kind === "mention" ? `@${choice}${after.startsWith(" ") ? "" : " "}` : choice;
  return { text: text.slice(0, asked.from) + put + after, caret: asked.from + put.length };
}

/** The colleagues whom a text names: `@Mei Tanabe`. Of "Mei" and "Mei Tanabe" the longer one is meant. */
export function mentioned(text: string, colleagues: readonly UserRef[]): UserRef[] {
  let rest = text;
  return [...colleagues]
    .toSorted((a, b) => b.name.length - a.name.length)
    .filter(({ name }) => {
      const named = rest.includes(`@${name}`);
      if (named) rest = rest.replaceAll(`@${name}`, "");
      return named;
    });
}

/** Those that a query means: by the beginning of any of their words. */
export function matching<T>(entries: readonly T[], query: string, words: (entry: T) => string): T[] {
  const wanted = query.toLocaleLowerCase();
  return entries.filter((entry) => {
    const all = words(entry).toLocaleLowerCase();
    return all.startsWith(wanted) || all.split(/[\s\-/]+/).some((word) => word.startsWith(wanted));
  });
}
