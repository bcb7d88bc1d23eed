import type { ReactNode } from "react";
import css from "./Banner.module.css";

export interface BannerProps {
  icon: ReactNode;
  children: ReactNode;
  actions?: ReactNode;
}

/** A message that keeps the truth: one sentence, in place, until it no longer holds. */
export function Banner({ icon, children, actions }: BannerProps) {
  return (
    <div className={css["banner"]} role="alert">
      {icon}
      <span>{children}</span>
      {actions && <span className={css["actions"]}>{actions}</span>}
    </div>
  );
}
