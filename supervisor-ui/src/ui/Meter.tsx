import { useEffect, useRef } from "react";
import { classes } from "./classes";
import css from "./Meter.module.css";

export interface MeterProps {
  /** 0 … 1, read at every frame while shown. */
  read: () => number;
  /** A flat line: nothing can be there. */
  off?: boolean;
  label: string;
  className?: string | undefined;
}

/** A level, written to the DOM frame by frame without React. */
export function Meter({ read, off = false, label, className }: MeterProps) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    if (off) return;
    let frame = 0;
    let shown = 0;
    const draw = () => {
      // Falls slower than it rises, so that a short sound can be seen.
      shown = Math.max(read(), shown * 0.9);
      bar.current?.style.setProperty("--v", `${Math.round(shown * 100)}%`);
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [read, off]);
  return (
    <div className={classes(css["meter"], off && css["off"], className)} role="img" aria-label={label}>
      {!off && <i ref={bar} />}
    </div>
  );
}
