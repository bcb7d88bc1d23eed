import { useEffect, useRef } from "react";
import { actionOf } from "./keymap";
import type { KeySettings } from "./settings";

export interface KeyHandlers<A extends string> {
  press: (action: A) => void;
  /** The key of `action` came up, or the window lost the keyboard. */
  release?: (action: A) => void;
  /** Actions that work in dialogs and menus too. */
  everywhere?: readonly A[];
}

/** Shortcuts of a page. Single keys stay silent in text fields; all do in menus and dialogs. */
export function useKeys<A extends string>(settings: KeySettings<A>, handlers: KeyHandlers<A>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const down = new Map<string, A>();
    const onDown = (event: KeyboardEvent) => {
      const { enabled, map } = settings.view.get();
      if (!enabled || event.repeat || event.isComposing || event.defaultPrevented) return;
      const action = actionOf(map, event);
      // What is written with Ctrl or Cmd is no text.
      if (action === undefined || (isText(event.target) && !event.ctrlKey && !event.metaKey)) return;
      if (inOverlay() && !latest.current.everywhere?.includes(action)) return;
      event.preventDefault();
      down.set(event.code, action);
      latest.current.press(action);
    };
    const onUp = (event: KeyboardEvent) => {
      // While Cmd is down, macOS tells of no other key that comes up.
      if (event.key === "Meta") releaseAll();
      const action = down.get(event.code);
      down.delete(event.code);
      if (action !== undefined) latest.current.release?.(action);
    };
    const releaseAll = () => {
      for (const action of down.values()) latest.current.release?.(action);
      down.clear();
    };
    // Whoever writes holds nothing.
    const intoText = (event: FocusEvent) => isText(event.target) && releaseAll();
    window.addEventListener("keydown", onDown);
    window.addEventListener("keyup", onUp);
    window.addEventListener("blur", releaseAll);
    document.addEventListener("focusin", intoText);
    document.addEventListener("visibilitychange", releaseAll);
    return () => {
      releaseAll();
      window.removeEventListener("keydown", onDown);
      window.removeEventListener("keyup", onUp);
      window.removeEventListener("blur", releaseAll);
      document.removeEventListener("focusin", intoText);
      document.removeEventListener("visibilitychange", releaseAll);
    };
  }, [settings]);
}

/** Where letters are written. */
function isText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function inOverlay(): boolean {
  return document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"]') !== null;
}
