import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal, flushSync } from "react-dom";
import { classes } from "./classes";
import { itemsOf, moveFocus } from "./roving";
import css from "./Menu.module.css";

/** Pixels between a button and what it opens, and between that and the window's edge. */
const GAP_PX = 6;

/** What a popup's button gets besides its own. */
export interface TriggerProps {
  ref: RefObject<HTMLButtonElement | null>;
  "aria-haspopup": "menu" | "dialog";
  "aria-expanded": boolean;
  "aria-controls": string | undefined;
  onPress: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

export interface PopupProps {
  label: string;
  role: "menu" | "dialog";
  /** Where it opens if there is room: below its button or above it, flush with its start or its end. */
  placement?: "below start" | "below end" | "above start";
  className?: string | undefined;
  trigger: (props: TriggerProps) => ReactNode;
  /** `close` gives the focus back to the button. */
  children: (close: () => void) => ReactNode;
}

/** Opens something small beside a button. Escape, the Tab key and a press elsewhere close it. */
export function Popup({ label, role, placement = "below end", className, trigger, children }: PopupProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  // At once: what follows may move the focus itself.
  const close = () => {
    flushSync(() => setOpen(false));
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!isOpen || !box.current) return;
    if (button.current) place(box.current, button.current.getBoundingClientRect(), placement);
    const items = itemsOf(box.current);
    (items.find((item) => item.ariaChecked === "true") ?? items[0] ?? box.current).focus({ preventScroll: true });
  }, [isOpen, placement]);
  useEffect(() => {
    if (!isOpen) return;
    const elsewhere = (event: PointerEvent) => {
      const at = event.target as Node;
      if (!box.current?.contains(at) && !button.current?.contains(at)) setOpen(false);
    };
    const away = () => setOpen(false);
    document.addEventListener("pointerdown", elsewhere, true);
    window.addEventListener("resize", away);
    return () => {
      document.removeEventListener("pointerdown", elsewhere, true);
      window.removeEventListener("resize", away);
    };
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (moveFocus(event)) return;
    // Keys of the page stay silent while it is open, and Escape closes this and nothing else.
    event.stopPropagation();
    if (event.key !== "Escape" && event.key !== "Tab") return;
    if (event.key === "Escape") event.preventDefault();
    close();
  };
  const opens = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    setOpen(true);
  };
  return (
    <>
      {trigger({
        ref: button,
        "aria-haspopup": role,
        "aria-expanded": isOpen,
        "aria-controls": isOpen ? id : undefined,
        onPress: () => setOpen(!isOpen),
        onKeyDown: opens,
      })}
      {isOpen &&
        createPortal(
          <div
            ref={box}
            id={id}
            className={classes(css["popover"], className)}
            role={role === "dialog" ? "dialog" : undefined}
            aria-label={role === "dialog" ? label : undefined}
            tabIndex={-1}
            onKeyDown={onKeyDown}
            // It is not within what opened it, and a press in it is none on that.
            onClick={(event) => event.stopPropagation()}
          >
            {children(close)}
          </div>,
          document.body,
        )}
    </>
  );
}

/** Puts it where it is wanted, or on the other side if there is more room, and within the window in any case. */
function place(box: HTMLElement, at: DOMRect, placement: NonNullable<PopupProps["placement"]>): void {
  const { width, height } = box.getBoundingClientRect();
  const [below, above] = [innerHeight - at.bottom - 2 * GAP_PX, at.top - 2 * GAP_PX];
  const wantsAbove = placement === "above start";
  const goesAbove = wantsAbove ? above >= height || above > below : below < height && above > below;
  const left = placement === "below end" ? at.right - width : at.left;
  box.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
  box.style.maxHeight = `${goesAbove ? above : below}px`;
  box.style[goesAbove ? "bottom" : "top"] = `${GAP_PX + (goesAbove ? innerHeight - at.top : at.bottom)}px`;
}
