import { createStore } from "../store/store";
import { useStore } from "../store/useStore";
import { minimised, NO_WINDOWS, opened, putAway, type Windows } from "./tabs";

const windows = createStore(NO_WINDOWS);
/** What was begun in a chat's window, kept while the window is down. */
const drafts = new Map<string, string>();

export function useWindows(): Windows {
  return useStore(windows);
}

export const openWindow = (chat: string): void => windows.set(opened(windows.get(), chat));
export const minimiseWindow = (chat: string): void => windows.set(minimised(windows.get(), chat));

/** The chat is done with: its draft goes, too. */
export function closeWindow(chat: string): void {
  drafts.delete(chat);
  windows.set(putAway(windows.get(), chat));
}

export const draftOf = (chat: string): string => drafts.get(chat) ?? "";
export const keepDraft = (chat: string, text: string): void => void drafts.set(chat, text);
