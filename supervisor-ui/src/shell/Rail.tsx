import { type ComponentType, createContext, type ReactNode, useContext } from "react";
import { usePath } from "../browser/address";
import { Link } from "../ui/Link";
import css from "./Rail.module.css";

export interface RailEntry {
  href: string;
  label: string;
  icon: ComponentType<{ size?: number; "aria-hidden"?: "true" }>;
  current: boolean;
  /** What waits there, and how that is said. */
  count?: { value: number; label: string };
  /** At the rail's lower end. */
  atEnd?: boolean;
}

/** The pages of a role. */
export function Rail({ label, entries }: { label: string; entries: readonly RailEntry[] }) {
  return (
    <nav className={css["rail"]} aria-label={label}>
      {entries.map(({ href, label: name, icon: Icon, current, count, atEnd }) => (
        <Link
          key={href}
          href={href}
          aria-current={current ? "page" : undefined}
          className={atEnd ? css["end"] : undefined}
        >
          <Icon size={20} aria-hidden="true" />
          {count && (
            <span className={css["count"]} aria-hidden="true">
              {count.value}
            </span>
          )}
          <span>{name}</span>
          {count && <span className="vh">{count.label}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** A page that a role has besides its own: in the rail, and in the place of the role's own when open. */
export interface SidePage extends Omit<RailEntry, "current"> {
  content: ReactNode;
  /** The way to it is the account's menu, not the rail. */
  inAccountMenu?: boolean;
}

/** The side pages of the role that is signed in; the app knows them, features do not know each other. */
export const SidePagesContext = createContext<readonly SidePage[]>([]);

/** Opens the shortcuts of the role's own page, which side pages lead to as well; null: it has none. */
export const ShortcutsContext = createContext<(() => void) | null>(null);

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
  const inRail = pages.filter(({ inAccountMenu }) => !inAccountMenu);
  const entries = inRail.map(({ content, inAccountMenu, ...page }) => ({ ...page, current: page.href === open?.href }));
  return { open, entries };
}
