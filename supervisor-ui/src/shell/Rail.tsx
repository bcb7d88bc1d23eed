import type { ComponentType } from "react";
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
