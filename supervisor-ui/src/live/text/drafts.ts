import { useSyncExternalStore } from "react";
import type { AttachmentView, Visibility } from "../../wire/generated";
import { createChannel } from "../../store/store";

/** What was begun and not sent yet. */
export interface Draft {
  readonly text: string;
  readonly attachments: readonly AttachmentView[];
}

export const NO_DRAFT: Draft = { text: "", attachments: [] };
const STORED = "sotto.draft.";

/**
 * Drafts belong to their tab of their conversation, so that what was meant for colleagues never
 * turns up in the customer's. They outlive switching, a reload and whatever the others write.
 */
export class Drafts {
  private readonly kept = new Map<string, Draft>();
  private readonly changed = createChannel();
  /** Runs after each change of any draft. */
  readonly subscribe = this.changed.listen;

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> = sessionStorage) {}

  get(thread: string, tab: Visibility): Draft {
    const key = keyOf(thread, tab);
    const draft = this.kept.get(key) ?? parsed(this.storage.getItem(key));
    this.kept.set(key, draft);
    return draft;
  }

  set(thread: string, tab: Visibility, change: Partial<Draft>): void {
    const key = keyOf(thread, tab);
    const draft = { ...this.get(thread, tab), ...change };
    this.kept.set(key, draft);
    if (isEmpty(draft)) this.storage.removeItem(key);
    else this.storage.setItem(key, JSON.stringify(draft));
    this.changed.emit();
  }

  /** Nobody who signs in to this browser next finds what was begun here. */
  forgetAll(): void {
    this.kept.clear();
    const keys = Object.keys(this.storage).filter((key) => key.startsWith(STORED));
    keys.forEach((key) => this.storage.removeItem(key));
    this.changed.emit();
  }

  clear(thread: string, tab: Visibility): void {
    this.set(thread, tab, NO_DRAFT);
  }
}

/** The drafts of this browser tab. */
export const drafts = new Drafts();

export function useDraft(thread: string, tab: Visibility): Draft {
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(thread, tab));
}

export function isEmpty({ text, attachments }: Draft): boolean {
  return text.trim() === "" && attachments.length === 0;
}

function keyOf(thread: string, tab: Visibility): string {
  return `${STORED}${tab}.${thread}`;
}

function parsed(stored: string | null): Draft {
  if (stored === null) return NO_DRAFT;
  try {
    const { text, attachments } = JSON.parse(stored) as Partial<Draft>;
    return { text: typeof text === "string" ? text : "", attachments: Array.isArray(attachments) ? attachments : [] };
  } catch {
    return NO_DRAFT;
  }
}
