import css from "./Kbd.module.css";

/** A key cap. Decoration for those who see it: the key is told to others by `aria-keyshortcuts`. */
export function Kbd({ children }: { children: string }) {
  return (
    <kbd className={css["kbd"]} aria-hidden="true">
      {children}
    </kbd>
  );
}
