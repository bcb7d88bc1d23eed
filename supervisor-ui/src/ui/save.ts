const RELEASE_MS = 10_000;

/** Hands the reader a file, as a download of this name. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then, and has its own hold on the content.
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS);
}
