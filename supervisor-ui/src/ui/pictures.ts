/** What browsers show, and the server has measured. Other pictures (HEIC, AVIF) are downloads. */
const SHOWN: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** Whether a file is shown as a picture. */
export function isShownPicture({ media_type }: { media_type: string }): boolean {
  return SHOWN.has(media_type);
}
