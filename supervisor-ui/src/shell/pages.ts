import { createContext, type ReactNode, useContext } from "react";
import { usePath } from "../browser/address";
import type { RailEntry } from "./Rail";

/** A page that a role has besides its own: in the rail, and in the place of the role's own when open. */
export interface SidePage extends Omit<RailEntry, "current"> {
  content: ReactNode;
}

/** The side pages of the role that is signed in; the app knows them, features do not know each other. */
export const SidePagesContext = createContext<readonly SidePage[]>([]);

export interface SidePages {
  entries: RailEntry[];
  /** The one that is open, or null. */
  open: SidePage | null;
}

/** The side pages, and which of them the path names. */
export function useSidePages(): SidePages {
  const pages = useContext(SidePagesContext);
  const path = usePath();
  const open = pages.find(({ href }) => path === href || path.startsWith(`${href}/`)) ?? null;
  return { open, entries: pages.map(({ content, ...page }) => ({ ...page, current: page.href === open?.href })) };
}
