/** A stretch of a message: words, or an address that can be opened. */
export interface Stretch {
  readonly text: string;
  readonly href?: string;
}

/** ASCII only, so that neither 。 nor a look-alike letter becomes part of an address. */
const ADDRESS = /\bhttps?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = /[.,;:!?'")\]]+$/;

/** The stretches of a text, in order; together they are the text. */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href: new URL(address).href });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** Without the full stop that ends the sentence; a bracket stays if it was opened within. */
function trimmed(address: string): string {
  const cut = address.replace(TRAILING, "");
  const rest = address.slice(cut.length);
  return rest.startsWith(")") && cut.includes("(") ? `${cut})` : cut;
}
