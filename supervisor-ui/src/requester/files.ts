/** Pictures that are shown as such; anything else is only ever saved, never opened. */
const PICTURES: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function isPicture(mediaType: string): boolean {
  return PICTURES.includes(mediaType);
}

/** "340 KB", "2.1 MB". */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
