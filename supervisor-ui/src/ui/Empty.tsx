import type { ReactNode } from "react";
import css from "./Empty.module.css";

export interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  /** Where the title stands among the page's headings. */
  level?: 2 | 3;
}

/** Why a list is empty, and when it will not be. */
export function Empty({ icon, title, children, level = 2 }: EmptyProps) {
  const Title = `h${level}` as const;
  return (
    <div className={css["empty"]} role="status">
      {icon && <span className={css["disc"]}>{icon}</span>}
      <Title>{title}</Title>
      {children}
    </div>
  );
}
