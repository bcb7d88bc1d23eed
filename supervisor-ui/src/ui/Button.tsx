import type { ReactNode, Ref } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import { classes } from "./classes";
import css from "./Button.module.css";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  kind?: "default" | "primary" | "quiet" | "ok" | "danger" | "live";
  size?: "small" | "medium" | "large";
  className?: string | undefined;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with words. Colour of its own only where the colour means something. */
export function Button({ kind = "default", size = "medium", className, ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={classes(css["button"], css[kind], css[size], className)} />;
}

export interface IconButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  "aria-label": string;
  className?: string | undefined;
  children: ReactNode;
}

/** A button with an icon alone: its name is in `aria-label`. */
export function IconButton({ className, ...rest }: IconButtonProps) {
  return <AriaButton {...rest} className={classes(css["icon"], className)} />;
}
