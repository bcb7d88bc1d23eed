import { type ComponentProps, type PointerEvent, useCallback, useEffect, useRef } from "react";
import { classes } from "./classes";
import css from "./Button.module.css";

export interface PlainButtonProps extends Omit<ComponentProps<"button">, "onClick" | "disabled"> {
  onPress?: (() => void) | undefined;
  isDisabled?: boolean | undefined;
  /** The Tab key passes it by: what it does can be done elsewhere. */
  excludeFromTabOrder?: boolean | undefined;
}

/** A button without a look of its own. It submits no form unless it is told to. */
export function PlainButton({ onPress, isDisabled, excludeFromTabOrder, ...rest }: PlainButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      {...(excludeFromTabOrder && { tabIndex: -1 })}
      disabled={isDisabled}
      onClick={onPress && (() => onPress())}
    />
  );
}

export interface ButtonProps extends PlainButtonProps {
  kind?: "default" | "primary" | "quiet" | "ok" | "danger" | "live";
  size?: "small" | "medium" | "large";
}

/** A button with words. Colour of its own only where the colour means something. */
export function Button({ kind = "default", size = "medium", className, ...rest }: ButtonProps) {
  return <PlainButton {...rest} className={classes(css["button"], css[kind], css[size], className)} />;
}

export interface IconButtonProps extends PlainButtonProps {
  "aria-label": string;
}

/** A button with an icon alone: its name is in `aria-label`. */
export function IconButton({ className, ...rest }: IconButtonProps) {
  return <PlainButton {...rest} className={classes(css["icon"], className)} />;
}

export interface HoldButtonProps extends Omit<PlainButtonProps, "onPress"> {
  onHold: () => void;
  /** Called once for each `onHold`, whatever ends it: finger, pointer, key, focus, window, or the button's own end. */
  onRelease: () => void;
}

/** Does something for as long as it is held down. A pointer that leaves it lets go, and does not take it up again. */
export function HoldButton({ onHold, onRelease, isDisabled = false, ...rest }: HoldButtonProps) {
  const held = useRef(false);
  const latest = useRef(onRelease);
  useEffect(() => {
    latest.current = onRelease;
  });
  const hold = () => {
    if (held.current || isDisabled) return;
    held.current = true;
    onHold();
  };
  const release = useCallback(() => {
    if (!held.current) return;
    held.current = false;
    latest.current();
  }, []);
  useEffect(() => {
    if (isDisabled) release();
  }, [isDisabled, release]);
  useEffect(() => {
    const hidden = () => document.hidden && release();
    window.addEventListener("blur", release);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("blur", release);
      document.removeEventListener("visibilitychange", hidden);
      release();
    };
  }, [release]);
  const onPointerDown = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button > 0) return;
    // A finger's pointer stays with what it first touched: leaving would not be told.
    event.currentTarget.releasePointerCapture?.(event.pointerId);
    hold();
  };
  return (
    <PlainButton
      {...rest}
      isDisabled={isDisabled}
      onPointerDown={onPointerDown}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onBlur={release}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => (event.key === " " || event.key === "Enter") && !event.repeat && hold()}
      onKeyUp={(event) => (event.key === " " || event.key === "Enter") && release()}
    />
  );
}
