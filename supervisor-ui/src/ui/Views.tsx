import { Link } from "./Link";
import css from "./Views.module.css";

export interface ViewsProps {
  /** What they are views of. */
  label: string;
  views: readonly { readonly name: string; readonly href: string }[];
  /** The address of the one that is shown. */
  open: string | undefined;
}

/** Pages beside each other, each with an address of its own. */
export function Views({ label, views, open }: ViewsProps) {
  return (
    <nav className={css["views"]} aria-label={label}>
      {views.map(({ name, href }) => (
        <Link key={href} href={href} aria-current={href === open ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
