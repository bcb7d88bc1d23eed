/** Estimated width of text in px: SVG cannot lay text out, and measuring would force a layout. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) ?? 0) > 0x2e80 ? size : size * 0.552;
  return width;
}

/** `text`, shortened with an ellipsis to about `width` px. */
export function fitted(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(chars.join(""), size) + size > width) chars.pop();
  return `${chars.join("").trimEnd()}…`;
}
