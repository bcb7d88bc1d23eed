import * as v from "valibot";

/** What takes anything and yields a `T`, or says why it is none. */
export type Schema<T> = v.GenericSchema<unknown, T>;

/** What came from outside is not what was agreed on. Its text names places and kinds, never what people wrote. */
export class Unparseable extends Error {
  constructor(what: string, issues: readonly v.BaseIssue<unknown>[]) {
    const [first] = issues;
    const place = first ? (v.getDotPath(first) ?? "the whole") : "the whole";
    super(`${what}: ${place} is not ${first?.expected ?? "as agreed"}`);
    this.name = "Unparseable";
  }
}

/** `value`, if it is what the schema says. Throws `Unparseable` if not; `what` is said in its text. */
export function parse<T>(schema: Schema<T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new Unparseable(what, result.issues);
  return result.output;
}

/** JSON, for `parse`. Throws `Unparseable`. */
export function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unparseable(what, []);
  }
}

/** What was kept in the browser, by this version of the pages or by another; null: nothing of use. */
export function restored<T>(schema: Schema<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    return parse(schema, json(text, "kept"), "kept");
  } catch {
    return null;
  }
}

/** One of these texts, or another one that this page does not know: it only compares and passes on. */
export function anyText<T extends string>(): Schema<T> {
  return v.custom<T>((value) => typeof value === "string", "a text");
}
