/** Which key does what; a key is written as `chordOf` gives it: "l", "?", "ctrl+shift+m". */
export type Keymap<Action extends string> = Readonly<Record<Action, string>>;

/** What `chordOf` reads of a keyboard event. */
export type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey" | "shiftKey"> & {
  readonly code?: string;
};

/**
 * What the key writes. On a keyboard of another script, and while an input method is on, it is the
 * letter that a Latin one has at this place.
 */
function signOf({ key, code = "" }: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const foreign = key === "Process" || key === "Unidentified" || (key.length === 1 && /[^\p{Script=Latin}]/u.test(key));
  const isLetter = key.length > 1 || /\p{L}/u.test(key);
  return letter && foreign && isLetter ? letter : key;
}

/** The key with its modifiers. Shift is left out where it only makes the character. */
export function chordOf(event: KeyPress): string {
  const sign = signOf(event);
  const key = sign.length === 1 ? sign.toLowerCase() : sign;
  const makesCharacter = sign.length === 1 && sign.toLowerCase() === sign.toUpperCase();
  const parts = [
    event.ctrlKey && "ctrl",
    event.altKey && "alt",
    event.metaKey && "meta",
    event.shiftKey && !makesCharacter && "shift",
    key === " " ? "Space" : key,
  ];
  return parts.filter(Boolean).join("+");
}

export function actionsOf<A extends string>(map: Keymap<A>): A[] {
  return Object.keys(map) as A[];
}

export function actionOf<A extends string>(map: Keymap<A>, event: KeyPress): A | undefined {
  const chord = chordOf(event);
  return actionsOf(map).find((action) => map[action] === chord);
}

const RESERVED = new Set(["Escape", "Enter", "Space", "Tab", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "CapsLock", "Dead", "Process", "Unidentified"]);

/** Whether a key can be given to an action: pages and browsers need some for themselves. */
export function assignable(event: KeyPress): boolean {
  return !MODIFIERS.has(event.key) && !RESERVED.has(event.key === " " ? "Space" : event.key) && !event.metaKey;
}

/** `map` with `key` for `action`; an action that had the key gets the other's old one. */
export function remapped<A extends string>(map: Keymap<A>, action: A, key: string): Keymap<A> {
  const holder = actionsOf(map).find((other) => map[other] === key);
  return { ...map, ...(holder && holder !== action ? { [holder]: map[action] } : {}), [action]: key };
}

/** How a key is written on its cap. */
export function capOf(chord: string): string {
  return chord
    .split("+")
    .map((part) =>
      part.length === 1 ? part.toUpperCase() : ({ ctrl: "Ctrl", shift: "⇧", alt: "Alt", meta: "⌘" }[part] ?? part),
    )
    .join(" ");
}
