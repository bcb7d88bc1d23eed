import type { KeyboardEvent } from "react";

const ITEMS = '[role="menuitem"],[role="menuitemradio"],[role="option"],[role="tab"]';

/**
 * Moves the focus among the items of a menu, a list or a row of tabs, as WAI-ARIA's patterns have it: arrows, Home,
 * End, and what a name begins with. Whether the key was one of these.
 */
export function moveFocus(event: KeyboardEvent<HTMLElement>): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item === document.activeElement);
  const isLetter = [...event.key].length === 1 && event.key !== " ";
  // In a row of tabs a letter is the page's shortcut, and up and down scroll.
  const inTabs = event.currentTarget.role === "tablist";
  if (inTabs && (isLetter || event.key === "ArrowUp" || event.key === "ArrowDown")) return false;
  const next = isLetter ? beginsWith(event.key, items, at) : target(event.key, items, at);
  if (!next) return false;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
  return true;
}

/** The items that can be chosen, in their order. */
export function itemsOf(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>(ITEMS)].filter((item) => item.ariaDisabled !== "true");
}

function target(key: string, items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const around = (step: number) => items[(at + step + items.length) % items.length];
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return around(1);
    case "ArrowUp":
    case "ArrowLeft":
      return at < 0 ? items.at(-1) : around(-1);
    case "Home":
      return items[0];
    case "End":
      return items.at(-1);
    default:
      return undefined;
  }
}

/** The next item after `at` whose words begin with this letter. */
function beginsWith(letter: string, items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const wanted = letter.toLocaleLowerCase();
  const fits = (item: HTMLElement) => (item.textContent ?? "").trim().toLocaleLowerCase().startsWith(wanted);
  return [...items.slice(at + 1), ...items.slice(0, at + 1)].find(fits);
}
