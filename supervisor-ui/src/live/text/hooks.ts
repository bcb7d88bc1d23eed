import { createContext, useContext } from "react";
import type { TextApi } from "../../api/text";
import { useLive } from "../hooks";
import type { TextLink } from "./link";
import type { TextState } from "./state";

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
