import { useSyncExternalStore } from "react";
import { minimised, NO_WINDOWS, opened, putAway, type Windows } from "./tabs";

let windows = NO_WINDOWS;
const listeners = new Set<() => void>();
/** What was begun in a chat's window, kept while the window is down. */
const drafts = new Map<string, string>();

export function useWindows(): Windows {
  return useSyncExternalStore(subscribe, () => windows);
}

export const openWindow = (chat: string): void => set(opened(windows, chat));
export const minimiseWindow = (chat: string): void => set(minimised(windows, chat));

/** The chat is done with: its draft goes, too. */
export function closeWindow(chat: string): void {
  drafts.delete(chat);
  set(putAway(windows, chat));
}

export const draftOf = (chat: string): string => drafts.get(chat) ?? "";
export const keepDraft = (chat: string, text: string): void => void drafts.set(chat, text);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: Windows): void {
  windows = next;
  listeners.forEach((listener) => listener());
}
