/** Mean width of a Latin letter of IBM Plex Sans, in ems. */
const EMS = { regular: 0.48, semibold: 0.552 };
export type Weight = keyof typeof EMS;

/** Estimated width of text in px: SVG cannot lay text out, and measuring would force a layout. */
export function textWidth(text: string, size: number, weight: Weight = "semibold"): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) > 0x2e80 ? size : size * EMS[weight];
  return width;
}

/** `text`, shortened with an ellipsis to about `width` px. */
export function fitted(text: string, size: number, width: number, weight: Weight = "semibold"): string {
  if (textWidth(text, size, weight) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(chars.join(""), size, weight) + size > width) chars.pop();
  return `${chars.join("").trimEnd()}…`;
}
