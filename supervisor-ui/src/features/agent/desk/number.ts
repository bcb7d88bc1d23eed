/** What people write between digits so that they can be read. */
const SEPARATORS = /[\s.()-]/g;

/**
 * Whether this may be a number to be called, as far as the page can tell before the server is asked: international, or
 * a service code.
 */
export function mayBeNumber(text: string): boolean {
  const plain = text.replace(SEPARATORS, "");
  return /^\+[1-9]\d{4,14}$/.test(plain) || /^\*[\d*#]{1,20}$/.test(plain);
}
