import { createContext, useContext, useSyncExternalStore } from "react";
import type { TextApi } from "../api/text";
import type { LiveState } from "./state";
import type { LiveStore } from "./store";
import type { TextLink } from "./text/link";
import type { TextState } from "./text/state";

export const LiveContext = createContext<LiveStore | null>(null);

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (!store) throw new Error("useLiveStore needs a LiveContext above it");
  return store;
}

/** A part of the live state. `select` must return the same object for the same state. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}

export interface TextTools {
  api: TextApi;
  link: TextLink;
}

export const TextContext = createContext<TextTools | null>(null);

/** What acts on conversations and chats at the server. */
export function useTextTools(): TextTools {
  const tools = useContext(TextContext);
  if (!tools) throw new Error("useTextTools needs a TextContext above it");
  return tools;
}

/** A part of what is known of conversations and chats. `select` must return the same object for the same state. */
export function useText<T>(select: (state: TextState) => T): T {
  return useLive((state) => select(state.text));
}
