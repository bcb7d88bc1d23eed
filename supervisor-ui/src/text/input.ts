/** What a field is told by keyboards, input methods, the clipboard and the mouse. */

/** What browsers report for a key that an input method is still using. */
const COMPOSING_KEY = 229;

/**
 * Whether the key belongs to an input method: Enter that ends a conversion sends nothing. Safari says
 * so by the key's code alone, for it ends the composition before the key.
 */
export function isComposing({
  isComposing: composing,
  keyCode,
}: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return composing || keyCode === COMPOSING_KEY;
}

/** What is asked of a clipboard or of what is dragged. */
export type Transfer = Pick<DataTransfer, "types"> & { readonly files: Iterable<File> };

/**
 * The files that are pasted, or none if it is text: cells and formatted text come with a picture of
 * themselves. A file that was copied comes with its name as plain text, and no markup.
 */
export function pastedFiles({ types, files }: Transfer): File[] {
  const isText = types.includes("text/plain") && (types.includes("text/html") || types.includes("text/rtf"));
  return isText ? [] : [...files];
}

/** Whether files are dragged, and not a piece of text or a link. */
export function dragsFiles({ types }: Pick<Transfer, "types">): boolean {
  return types.includes("Files");
}

/**
 * Files that are dropped anywhere in the window go to `take`; without one they are let fall. A browser
 * would leave the page and show the file instead.
 */
export function catchDrops(take?: (files: File[]) => void): () => void {
  const over = (event: DragEvent) => {
    if (event.dataTransfer && dragsFiles(event.dataTransfer)) event.preventDefault();
  };
  const drop = (event: DragEvent) => {
    if (!event.dataTransfer || !dragsFiles(event.dataTransfer) || event.defaultPrevented) return;
    event.preventDefault();
    take?.([...event.dataTransfer.files]);
  };
  window.addEventListener("dragover", over);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragover", over);
    window.removeEventListener("drop", drop);
  };
}
