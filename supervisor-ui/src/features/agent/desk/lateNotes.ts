import * as v from "valibot";
import type { Api } from "../../../api/client";
import { ApiError } from "../../../api/http";
import { session } from "../../../browser/storage";
import { restored, type Schema } from "../../../wire/schema";

interface Note {
  readonly interaction: string;
  readonly text: string;
}

const Stored: Schema<Note[]> = v.array(v.object({ interaction: v.string(), text: v.string() }));
const KEY = "sotto.notes.late";
/** A note whose record is not there yet is tried again after this. */
const RETRY_MS = 5000;

/**
 * Notes on calls that go on. A call's record is written when it ends, so until then they wait here, over
 * reloads of this tab, and are not lost.
 */
export class LateNotes {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Pick<Api, "note">,
    private readonly onSaved: () => void,
  ) {
    if (this.waiting().length > 0) this.later();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  /** `saved`: it is on the record; `waits`: it will be. Rejects if it never can be. */
  async add(interaction: string, text: string): Promise<"saved" | "waits"> {
    try {
      await this.api.note(interaction, { text });
      return "saved";
    } catch (error) {
      if (!isEarly(error)) throw error;
      this.set([...this.waiting(), { interaction, text }]);
      this.later();
      return "waits";
    }
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.retry(), RETRY_MS);
  }

  private async retry(): Promise<void> {
    for (const note of this.waiting()) {
      const outcome = await this.api.note(note.interaction, { text: note.text }).then(
        () => "saved" as const,
        (error: unknown) => (isEarly(error) ? "early" : "refused"),
      );
      if (outcome === "early") continue;
      this.set(this.waiting().filter((one) => one.interaction !== note.interaction || one.text !== note.text));
      if (outcome === "saved") this.onSaved();
    }
    if (this.waiting().length > 0) this.later();
  }

  private waiting(): readonly Note[] {
    return restored(Stored, session.get(KEY)) ?? [];
  }

  private set(notes: readonly Note[]): void {
    session.set(KEY, notes.length === 0 ? null : JSON.stringify(notes));
  }
}

/** There is no record yet, or no answer: both may be otherwise later. */
function isEarly(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.unanswered);
}
