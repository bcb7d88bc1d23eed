import * as v from "valibot";
import { useSyncExternalStore } from "react";
import { session } from "../../browser/storage";
import type * as wire from "../../wire/generated";
import { restored, type Schema } from "../../wire/schema";
import { AttachmentView } from "../../wire/schemas";
import { createChannel } from "../../store/store";

/** What was begun and not sent yet. */
export interface Draft {
  readonly text: string;
  readonly attachments: readonly wire.AttachmentView[];
}

export const NO_DRAFT: Draft = { text: "", attachments: [] };
const STORED = "sotto.draft.";
const Stored: Schema<Draft> = v.object({ text: v.string(), attachments: v.array(AttachmentView) });

/**
 * Drafts belong to their tab of their conversation, so that what was meant for colleagues never
 * turns up in the customer's. They outlive switching, a reload and whatever the others write.
 */
export class Drafts {
  private readonly kept = new Map<string, Draft>();
  private readonly changed = createChannel();
  /** Runs after each change of any draft. */
  readonly subscribe = this.changed.listen;

  get(thread: string, tab: wire.Visibility): Draft {
    const key = keyOf(thread, tab);
    const draft = this.kept.get(key) ?? restored(Stored, session.get(key)) ?? NO_DRAFT;
    this.kept.set(key, draft);
    return draft;
  }

  set(thread: string, tab: wire.Visibility, change: Partial<Draft>): void {
    const key = keyOf(thread, tab);
    const draft = { ...this.get(thread, tab), ...change };
    this.kept.set(key, draft);
    session.set(key, isEmpty(draft) ? null : JSON.stringify(draft));
    this.changed.emit();
  }

  /** Nobody who signs in to this browser next finds what was begun here. */
  forgetAll(): void {
    this.kept.clear();
    const keys = session.keys().filter((key) => key.startsWith(STORED));
    keys.forEach((key) => session.set(key, null));
    this.changed.emit();
  }

  clear(thread: string, tab: wire.Visibility): void {
    this.set(thread, tab, NO_DRAFT);
  }
}

/** The drafts of this browser tab. */
export const drafts = new Drafts();

export function useDraft(thread: string, tab: wire.Visibility): Draft {
  return useSyncExternalStore(drafts.subscribe, () => drafts.get(thread, tab));
}

export function isEmpty({ text, attachments }: Draft): boolean {
  return text.trim() === "" && attachments.length === 0;
}

function keyOf(thread: string, tab: wire.Visibility): string {
  return `${STORED}${tab}.${thread}`;
}
