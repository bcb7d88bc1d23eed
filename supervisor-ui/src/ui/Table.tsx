import type { ComponentProps, ReactNode } from "react";
import css from "./Table.module.css";
import { classes } from "./classes";

export interface Column {
  readonly key: string;
  readonly name: string;
  /** Figures stand to the right. */
  readonly number?: boolean;
  /** The name is for screen readers alone. */
  readonly hidden?: boolean;
  readonly className?: string | undefined;
}

/**
 * `sheet`: fills the page and scrolls under its heading. `list`: as long as it has rows. `figures`: within a card.
 */
export type Look = "sheet" | "list" | "figures";

export interface TableProps extends ComponentProps<"table"> {
  look: Look;
  /** Its heading; a table with headings of its own gives `head`. */
  columns?: readonly Column[];
  head?: ReactNode;
  /** Columns keep their widths, and cells are cut rather than broken. */
  fixed?: boolean;
}

/** The one table of the pages. Rows are `TableRow`s, figures `TableNumber`s. */
export function Table({ look, columns = [], head, fixed, className, children, ...rest }: TableProps) {
  return (
    <table {...rest} className={classes(css["table"], css[look], fixed && css["fixed"], className)}>
      <thead>{head ?? <Head columns={columns} />}</thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Head({ columns }: { columns: readonly Column[] }) {
  return (
    <tr>
      {columns.map(({ key, name, number, hidden, className }) => (
        <th key={key} scope="col" className={classes(number && css["number"], className)}>
          {hidden ? <span className="vh">{name}</span> : name}
        </th>
      ))}
    </tr>
  );
}

/** What a `sheet` or a `list` scrolls in. */
export function TableFrame({ look, className, ...rest }: ComponentProps<"div"> & { look: "sheet" | "list" }) {
  return <div {...rest} className={classes(css["frame"], css[look], className)} />;
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={classes(css["row"], className)} />;
}

export function TableNumber({ className, ...rest }: ComponentProps<"td">) {
  return <td {...rest} className={classes(css["number"], className)} />;
}
