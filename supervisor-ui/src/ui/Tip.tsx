import { cloneElement, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import css from "./Tip.module.css";

const DELAY_MS = 400;
/** Time to move the pointer onto it (WCAG 2.2, 1.4.13: hoverable). */
const LEAVE_MS = 120;
const GAP_PX = 6;

export interface TipProps {
  text: string;
  children: ReactElement<{ "aria-describedby"?: string | undefined }>;
}

/** Explains what is within it, a button, while the pointer is over it or the keyboard has led to it. Esc hides it. */
export function Tip({ text, children }: TipProps) {
  const id = useId();
  const around = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [at, setAt] = useState<DOMRect | null>(null);
  const soon = (ms: number, show: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAt(show ? rectOf(around.current) : null), ms);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!at) return;
    // What it explains goes away from under it.
    const away = () => setAt(null);
    window.addEventListener("scroll", away, true);
    return () => window.removeEventListener("scroll", away, true);
  }, [at]);
  return (
    <span
      ref={around}
      className={css["around"]}
      onPointerOver={(event) => event.pointerType !== "touch" && soon(DELAY_MS, true)}
      onPointerOut={() => soon(LEAVE_MS, false)}
      onPointerDown={() => soon(0, false)}
      onFocus={(event) => event.target.matches(":focus-visible") && soon(0, true)}
      onBlur={() => soon(0, false)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || at === null) return;
        event.stopPropagation();
        soon(0, false);
      }}
    >
      {cloneElement(children, { "aria-describedby": at ? id : undefined })}
      {at &&
        createPortal(
          <div
            id={id}
            ref={(tip) => {
              if (tip) place(tip, at);
            }}
            role="tooltip"
            className={css["tip"]}
            onPointerOver={() => clearTimeout(timer.current)}
            onPointerOut={() => soon(LEAVE_MS, false)}
          >
            {text}
          </div>,
          // Within a landmark, as all that is read should be.
          around.current?.closest("main, aside, nav, header") ?? document.body,
        )}
    </span>
  );
}

function rectOf(around: HTMLElement | null): DOMRect | null {
  return around?.firstElementChild?.getBoundingClientRect() ?? null;
}

/** Above what it explains, below it if there is no room, and within the window. */
function place(tip: HTMLElement, at: DOMRect): void {
  tip.style.left = tip.style.top = "0";
  // "Fixed" may be within a container instead of the window: what the one is from the other is measured.
  const { width, height, left: x, top: y } = tip.getBoundingClientRect();
  const left = at.left + at.width / 2 - width / 2;
  const top = at.top - height - GAP_PX;
  tip.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX)) - x}px`;
  tip.style.top = `${(top >= GAP_PX ? top : at.bottom + GAP_PX) - y}px`;
}
