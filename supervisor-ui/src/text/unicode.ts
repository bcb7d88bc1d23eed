/**
 * What people write, as Unicode has it: one form (NFC), signs that nobody sees, direction, and what
 * counts as one sign. Nothing else in the pages looks into a text for these.
 */

/** Signs that turn the direction of what follows (UAX #9), and could turn their neighbours, too. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** Letters of scripts that run from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Controls, and line and paragraph separators. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** What leaves nothing on the screen by itself: format characters, blanks of all kinds, marks, fillers. */
const UNSEEN = /[\p{Cf}\p{Cc}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/gu;
/** A joiner between two signs makes one of them, as in a family of emojis; elsewhere it is nothing. */
const LOOSE = /[\u00ad\u180e\u200b\u2060\ufeff]/gu;

/** More marks on one sign than any script has: they would paint over the lines above and below. */
const HEAPED = /(\p{M}{4})\p{M}+/gu;

/** Whether nothing of it can be seen. */
export function isBlank(text: string): boolean {
  return text.replace(UNSEEN, "") === "";
}

/** A name as it is shown: on one line, in one form, without signs that nobody sees or that turn others round. */
export function shownName(name: string): string {
  const clean = name
    .normalize("NFC")
    .replace(DIRECTION, "")
    .replace(LOOSE, "")
    .replace(BREAKS, " ")
    .replace(HEAPED, "$1");
  const trimmed = clean.replace(/\s+/gu, " ").trim();
  return isBlank(trimmed) ? "" : trimmed;
}

/** What a reader takes for one sign each, as "👨‍👩‍👧" or "が". */
export function graphemes(text: string): string[] {
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
}

/**
 * Marks that readers of Latin, Greek, Cyrillic, Hebrew and Arabic do without, and variation selectors: those of no one
 * script, but for the voicing of kana.
 */
const ACCENTS = /(?!\u3099|\u309a)(?=\p{M})[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}]|\u0640/gu;
/** Latin letters whose stroke is left out when typing. */
const STROKES: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t" };

/**
 * What two texts have in common that say the same to who searches, as the server folds them: "novak" finds
 * "Novák", and "ｶﾞｽ" is "ガス". Marks that make another letter of theirs stay.
 */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Cf}/gu, "")
    .replace(ACCENTS, "")
    .toUpperCase()
    .toLowerCase()
    .replace(/ς/gu, "σ")
    .replace(ACCENTS, "")
    .replace(/[øłđðħŧ]/gu, (letter) => STROKES[letter] ?? letter)
    .normalize("NFC");
}

/** As the server counts a text: Unicode scalar values. */
export function lengthOf(text: string): number {
  return [...text].length;
}

/** A value inside a sentence: whatever its direction, the words around it stay where they are. */
export function isolated(value: string): string {
  if (!RIGHT_TO_LEFT.test(value) && value.search(DIRECTION) < 0) return value;
  return `\u2068${value.replace(DIRECTION, "")}\u2069`;
}
