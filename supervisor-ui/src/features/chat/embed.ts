import * as v from "valibot";
import type { FrameQuery, FromFrame, FromWidget as Said } from "../../widget/protocol";
import type { Schema } from "../../wire/schema";
import { createStore, type Readable } from "../../store/store";

const FromWidget: Schema<Said> = v.object({ sotto: v.picklist(["opened", "closed"]) });

/**
 * The page's side of the widget: what it and the page around it tell each other.
 *
 * Only pages of the sites that the server names may frame this one. What is said goes to the origin
 * that the widget gave, and to no other; what is heard must come from there, and from the parent.
 */
export class Embed {
  private readonly store = createStore(false, {
    whileHeard: () => {
      addEventListener("message", this.hear);
      this.tell({ sotto: "ready" });
      return () => removeEventListener("message", this.hear);
    },
  });
  /** Whether the widget shows this page. */
  readonly opened: Readable<boolean> = this.store;

  constructor(
    private readonly parent: Window,
    private readonly site: string,
  ) {}

  tell(message: FromFrame): void {
    this.parent.postMessage(message, this.site);
  }

  private readonly hear = ({ origin, source, data }: MessageEvent<unknown>): void => {
    if (origin !== this.site || source !== this.parent) return;
    const message = v.safeParse(FromWidget, data);
    if (!message.success) return;
    const opened = message.output.sotto === "opened";
    this.store.set(opened);
    // The widget gave the focus to the frame; a frame that was hidden can take it once it is drawn.
    if (opened) requestAnimationFrame(focusField);
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
