import { createContext, useContext } from "react";

/** Opens a call or a conversation on the live page. */
export const OpenContext = createContext<((id: string) => void) | null>(null);

export function useOpen(): (id: string) => void {
  const open = useContext(OpenContext);
  if (!open) throw new Error("useOpen needs an OpenContext above it");
  return open;
}
