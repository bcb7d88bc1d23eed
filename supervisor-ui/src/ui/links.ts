/** A piece of a text: as it stands, or a link. */
export type Piece = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

/** Only what a browser opens as a web page. Whitespace, quotes and angle brackets end it. */
const LINK =
  /\bhttps?:\/\/(?:[^\s<>"'`\p{Ps}\p{Pe}、。！？：；，．｡､\p{Script=Hiragana}\p{Script=Katakana}ー]|[()[\]{}])+/giu;
/** A sentence's own signs are not the address's. */
const TRAILING = /[.,;:!?…）)\]}]+$/u;

/** Finds the links in a text that somebody else has written. All the rest stays text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const href = address(shown);
    if (href === null) continue;
    if (match.index > done) found.push({ kind: "text", text: text.slice(done, match.index) });
    found.push({ kind: "link", text: deceives(shown, href) ? href : shown, href });
    done = match.index + shown.length;
  }
  if (done < text.length) found.push({ kind: "text", text: text.slice(done) });
  return found;
}

/** Where a sentence goes on without a blank: han or hangul after Latin signs. A path may be written in them. */
const GOES_ON = /(?<=[\w\-~=&?%#.])[\p{Script=Han}\p{Script=Hangul}]/u;

/** A closing bracket stays if it was opened within the address. */
function trimmed(found: string): string {
  const link = found.split(GOES_ON)[0] ?? found;
  const end = TRAILING.exec(link);
  if (!end) return link;
  const closes = end[0].startsWith(")") && link.slice(0, end.index).includes("(");
  return link.slice(0, end.index) + (closes ? ")" : "");
}

/** Letters of other scripts that look like Latin ones. */
const LOOK_ALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}]/u;
/** Scripts that are written beside Latin letters, and look like none (UTS #39, "highly restrictive"). */
const BESIDE_LATIN_SCRIPTS = ["Latin", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo", "Common", "Inherited"];
const BESIDE_LATIN = new RegExp(`^[${BESIDE_LATIN_SCRIPTS.map((script) => `\\p{Script=${script}}`).join("")}]*$`, "u");
/** Cyrillic letters of which a whole word can be made that looks Latin. */
const LATIN_LIKE = /^[асеһіјӏорԛѕԝхуъвкмнтгьαονρυιικχω\d-]+$/u;

/** Whether the address looks like another one: then it is shown as the browser calls it, `xn--…`. */
function deceives(shown: string, href: string): boolean {
  if (!new URL(href).hostname.includes("xn--")) return false;
  const host = (/^https?:\/\/([^/?#:]*)/iu.exec(shown)?.[1] ?? "").normalize("NFKC").toLowerCase();
  return host.split(/[.。]/u).some((label) => {
    const isMixed = /\p{Script=Latin}/u.test(label) && !BESIDE_LATIN.test(label);
    return isMixed || (LOOK_ALIKE.test(label) && LATIN_LIKE.test(label));
  });
}

function address(text: string): string | null {
  try {
    const url = new URL(text);
    // Who is named before an @ is not where it leads: such an address is made to mislead.
    return url.username || url.password ? null : url.href;
  } catch {
    return null;
  }
}
