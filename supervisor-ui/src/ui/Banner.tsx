import type { ReactNode } from "react";
import css from "./Banner.module.css";

export interface BannerProps {
  icon: ReactNode;
  children: ReactNode;
  actions?: ReactNode;
  /** What is announced, where the words themselves change all the time. */
  announced?: string;
}

/** A message that keeps the truth: one sentence, in place, until it no longer holds. */
export function Banner({ icon, children, actions, announced }: BannerProps) {
  return (
    <div className={css["banner"]}>
      {icon}
      {announced === undefined ? (
        <span role="alert">{children}</span>
      ) : (
        <>
          <span aria-hidden="true">{children}</span>
          <span className="vh" role="alert">
            {announced}
          </span>
        </>
      )}
      {actions && <span className={css["actions"]}>{actions}</span>}
    </div>
  );
}
