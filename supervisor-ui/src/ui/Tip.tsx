import type { ReactNode } from "react";
import { Tooltip, TooltipTrigger } from "react-aria-components";
import css from "./Tip.module.css";

const DELAY_MS = 400;

/** Explains what is within it, a button, while the pointer is over it or the keyboard has led to it. */
export function Tip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={DELAY_MS} closeDelay={0}>
      {children}
      <Tooltip className={css["tip"] ?? ""} offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
