import type { FrameQuery, FromFrame, FromWidget } from "../../widget/protocol";

/**
 * The page's side of the widget: what it and the page around it tell each other.
 *
 * Only pages of the sites that the server names may frame this one. What is said goes to the origin
 * that the widget gave, and to no other; what is heard must come from there, and from the parent.
 */
export class Embed {
  private opened = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly parent: Window,
    private readonly site: string,
  ) {}

  isOpened = (): boolean => this.opened;

  subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) {
      addEventListener("message", this.hear);
      this.tell({ sotto: "ready" });
    }
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) removeEventListener("message", this.hear);
    };
  };

  tell(message: FromFrame): void {
    this.parent.postMessage(message, this.site);
  }

  private readonly hear = ({ origin, source, data }: MessageEvent<FromWidget | null>): void => {
    if (origin !== this.site || source !== this.parent || typeof data !== "object") return;
    if (data?.sotto !== "opened" && data?.sotto !== "closed") return;
    this.opened = data.sotto === "opened";
    this.listeners.forEach((listener) => listener());
    // The widget gave the focus to the frame; a frame that was hidden can take it once it is drawn.
    if (this.opened) requestAnimationFrame(focusField);
  };
}

/** To what can be filled in: the message, or else the form. */
export function focusField(): void {
  const field =
    document.querySelector<HTMLTextAreaElement>("main textarea") ??
    document.querySelector<HTMLInputElement>("main input");
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

/** Null: this page stands alone. */
export function embedded(): Embed | null {
  const query = new URLSearchParams(location.search);
  const said = (key: keyof FrameQuery) => query.get(key);
  const site = said("site");
  if (said("embed") !== "1" || window.parent === window || site === null || !/^https?:\/\/[^/]+$/.test(site))
    return null;
  return new Embed(window.parent, site);
}
