import { type ReactNode, useId } from "react";
import { classes } from "./classes";
import { moveFocus } from "./roving";

export interface TabEntry<T extends string> {
  id: T;
  label: ReactNode;
  className?: string | undefined;
}

export interface TabsProps<T extends string> {
  label: string;
  tabs: readonly TabEntry<T>[];
  selected: T;
  onSelect: (id: T) => void;
  className?: string | undefined;
  listClassName?: string | undefined;
  panelClassName?: string | undefined;
  /** What the selected tab shows. */
  children: ReactNode;
}

/** Tabs: arrows move the focus only; Space, Enter or a press selects. */
export function Tabs<T extends string>(props: TabsProps<T>) {
  const { label, tabs, selected, onSelect, className, listClassName, panelClassName, children } = props;
  const id = useId();
  return (
    <div className={className}>
      <div role="tablist" aria-label={label} className={listClassName} onKeyDown={moveFocus}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}tab-${tab.id}`}
            className={classes(tab.className)}
            aria-selected={tab.id === selected}
            aria-controls={tab.id === selected ? `${id}panel` : undefined}
            tabIndex={tab.id === selected ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        key={selected}
        role="tabpanel"
        id={`${id}panel`}
        aria-labelledby={`${id}tab-${selected}`}
        className={panelClassName}
      >
        {children}
      </div>
    </div>
  );
}
