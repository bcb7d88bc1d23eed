import type { LucideIcon } from "lucide-react";
import css from "./Diagram.module.css";

const COLOURS = { caller: "--caller", agent: "--agent", listen: "--listen", whisper: "--whisper", barge: "--barge" };

/** Arrow heads, one for each colour of wire. */
export function Markers({ id }: { id: string }) {
  return (
    <defs>
      {Object.entries(COLOURS).map(([name, colour]) => (
        <marker
          key={name}
          id={`${id}-${name}`}
          viewBox="0 0 8 8"
          refX="6"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0 0L8 4L0 8z" style={{ fill: `var(${colour})` }} />
        </marker>
      ))}
    </defs>
  );
}

export interface ChipProps {
  y: number;
  icon: LucideIcon;
  className: string | undefined;
  text: string;
}

/** A label in the middle of a wire. */
export function Chip({ y, icon: Icon, className, text }: ChipProps) {
  const width = textWidth(text, 12.5) + 42;
  return (
    <g className={`${css["chip"]} ${className ?? ""}`} transform={`translate(${280 - width / 2} ${y})`}>
      <rect width={width} height="24" rx="12" />
      <g transform="translate(10 5)">
        <Icon size={14} />
      </g>
      <text x="30" y="16.5">
        {text}
      </text>
    </g>
  );
}

export interface NodeProps {
  x: number;
  /** Alone in its place, or above or below another. */
  place: "whole" | "upper" | "lower";
  icon: LucideIcon;
  className: string;
  name: string;
  detail: string;
  speaking: boolean;
}

/** Where a box begins. */
export const NODE_TOP = { whole: 50, upper: 41, lower: 81 };
const SHAPES = {
  whole: { height: 58, icon: 19, iconSize: 20, name: 26, detail: 44, bars: 0 },
  upper: { height: 36, icon: 9, iconSize: 18, name: 15, detail: 30, bars: -15 },
  lower: { height: 36, icon: 9, iconSize: 18, name: 15, detail: 30, bars: -15 },
};

/** A party: thick edge and bars while it speaks. */
export function Node({ x, place, icon: Icon, className, name, detail, speaking }: NodeProps) {
  const shape = SHAPES[place];
  return (
    <g className={`${css["node"]} ${className}`} transform={`translate(${x} ${NODE_TOP[place]})`}>
      <title>{name}</title>
      <rect className={css["box"]} x="0.75" y="0" width="152.5" height={shape.height} rx="12" />
      <g className={css["icon"]} transform={`translate(12 ${shape.icon})`}>
        <Icon size={shape.iconSize} />
      </g>
      <text className={css["name"]} x="42" y={shape.name}>
        {fitted(name, 13, speaking ? 90 : 106)}
      </text>
      <text className={css["detail"]} x="42" y={shape.detail}>
        {fitted(detail, 11.5, 111, "regular")}
      </text>
      {speaking && (
        <g className={css["bars"]} transform={`translate(0 ${shape.bars})`}>
          <rect x="132" y="28" width="3" height="6" rx="1.5" />
          <rect x="137" y="24" width="3" height="10" rx="1.5" />
          <rect x="142" y="18" width="3" height="16" rx="1.5" />
        </g>
      )}
    </g>
  );
}

/** Mean width of a Latin letter of IBM Plex Sans, in ems. */
const EMS = { regular: 0.48, semibold: 0.552 };
export type Weight = keyof typeof EMS;

/** Estimated width of text in px: SVG cannot lay text out, and measuring would force a layout. */
function textWidth(text: string, size: number, weight: Weight = "semibold"): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) > 0x2e80 ? size : size * EMS[weight];
  return width;
}

/** `text`, shortened with an ellipsis to about `width` px. */
function fitted(text: string, size: number, width: number, weight: Weight = "semibold"): string {
  if (textWidth(text, size, weight) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(chars.join(""), size, weight) + size > width) chars.pop();
  return `${chars.join("").trimEnd()}…`;
}
