import { createContext, type ReactNode, use, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { classes } from "./classes";
import css from "./Dialog.module.css";

const TitleId = createContext<string | undefined>(undefined);

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}

/** A dialog over the page, headed by a `DialogTitle`. Esc closes it; so does a press beside one that asks nothing. */
export function Dialog({ isOpen, ...rest }: DialogProps) {
  return isOpen ? createPortal(<Modal {...rest} />, document.body) : null;
}

/** The name of a dialog. */
export function DialogTitle({ className, children }: { className?: string | undefined; children: ReactNode }) {
  return (
    <h2 id={use(TitleId)} className={className}>
      {children}
    </h2>
  );
}

/** How the dialogs that are open are closed, the newest last. While there is one, the page behind cannot be used. */
const open: (() => void)[] = [];

/** Wherever the focus is: a button that is disabled under it leaves it nowhere. */
function closeNewest(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  event.preventDefault();
  event.stopPropagation();
  open.at(-1)?.();
}

function Modal({ onClose, role = "dialog", children }: Omit<DialogProps, "isOpen">) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  // Looked at before a field with `autoFocus` takes it.
  const [before] = useState(() => document.activeElement);
  // Whatever had the focus gets it back: by then the page must be usable again.
  useLayoutEffect(() => {
    const page = document.getElementById("root");
    const close = () => latest.current();
    if (open.push(close) === 1) document.addEventListener("keydown", closeNewest);
    page?.toggleAttribute("inert", true);
    return () => {
      open.splice(open.indexOf(close), 1);
      if (open.length === 0) document.removeEventListener("keydown", closeNewest);
      page?.toggleAttribute("inert", open.length > 0);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [before]);
  // A field with `autoFocus` has it by now.
  useEffect(() => {
    if (!box.current?.contains(document.activeElement)) box.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div
      className={css["scrim"]}
      onPointerDown={(event) => (pressed.current = event.target === event.currentTarget)}
      onClick={(event) => role === "dialog" && pressed.current && event.target === event.currentTarget && onClose()}
    >
      <div
        ref={box}
        className={classes(css["modal"], css["dialog"])}
        role={role}
        aria-modal="true"
        aria-labelledby={id}
        tabIndex={-1}
      >
        <TitleId value={id}>{children}</TitleId>
      </div>
    </div>
  );
}
