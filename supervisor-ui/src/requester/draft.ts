import * as v from "valibot";
import type { GuestTextApi } from "../api/guestText";
import { ApiError, randomKey } from "../api/http";
import { session } from "../browser/storage";
import { createStore, type Readable, type Store } from "../store/store";
import { isBlank } from "../text/unicode";
import { AttachmentView as AttachmentViewSchema } from "../wire/customerSchemas";
import type { AttachmentView } from "../wire/generated";
import { restored, type Schema } from "../wire/schema";

const STORED = "sotto.chat.draft";
export const TEXT_CHARS_MAX = 4000;
export const FILES_MAX = 10;
/** The server's own bound. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** What the file dialog offers; the server looks at the content. */
export const FILE_TYPES = [
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/heic",
  "image/avif",
  ".heic",
  ".heif",
  ".avif",
  "application/pdf",
  "text/*",
  // What a system has no type for, or another one: lists, logs, letters.
  ".csv",
  ".json",
  ".xml",
  ".log",
  ".md",
  ".eml",
  ".ics",
  ".vcf",
] as const;

/** A file that is to go with the message. */
export interface DraftFile {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  /** How much of it has arrived, 0 to 1. */
  readonly progress: number;
  /** Once it is at the server. */
  readonly attachment: AttachmentView | null;
  /** Why it could not be sent: the server's words, or one of ours. */
  readonly problem: "too_big" | "unreachable" | { readonly said: string } | null;
}

export interface DraftState {
  readonly text: string;
  readonly files: readonly DraftFile[];
  /** The names of files that were one too many. */
  readonly leftOut: readonly string[];
}

/** The message that is being written. Its text and what has been uploaded outlive a reload. */
export class Draft {
  private readonly store: Store<DraftState>;
  readonly state: Readable<DraftState>;
  private readonly cancels = new Map<string, () => void>();

  constructor(
    private readonly api: Pick<GuestTextApi, "attach">,
    private readonly conversation: string,
  ) {
    this.store = createStore(stored(conversation));
    this.state = this.store;
  }

  write(text: string): void {
    this.set({ ...this.store.get(), text });
  }

  add(files: readonly File[]): void {
    const room = FILES_MAX - this.store.get().files.length;
    for (const file of files.slice(0, room)) this.upload(file);
    this.store.set({ ...this.store.get(), leftOut: files.slice(room).map(({ name }) => name) });
  }

  remove(key: string): void {
    this.cancels.get(key)?.();
    this.cancels.delete(key);
    this.set({ ...this.store.get(), leftOut: [], files: this.store.get().files.filter((file) => file.key !== key) });
  }

  /** What can be sent now; null: nothing yet. */
  ready(): { text: string; attachments: AttachmentView[] } | null {
    const written = this.store.get().text.trim();
    const text = isBlank(written) ? "" : written;
    const attachments = this.store.get().files.flatMap(({ attachment }) => (attachment ? [attachment] : []));
    const isUploading = this.store
      .get()
      .files.some(({ attachment, problem }) => attachment === null && problem === null);
    if (isUploading || (text === "" && attachments.length === 0)) return null;
    return { text, attachments };
  }

  clear(): void {
    this.set({ text: "", files: [], leftOut: [] });
  }

  private upload(file: File): void {
    const key = randomKey();
    const entry: DraftFile = {
      key,
      name: file.name,
      bytes: file.size,
      progress: 0,
      attachment: null,
      problem: file.size > FILE_BYTES_MAX ? "too_big" : null,
    };
    this.set({ ...this.store.get(), files: [...this.store.get().files, entry] });
    if (entry.problem !== null) return;
    const { done, cancel } = this.api.attach(this.conversation, file, (progress) => this.change(key, { progress }));
    this.cancels.set(key, cancel);
    done.then(
      (attachment) => this.change(key, { attachment, progress: 1 }),
      (error: unknown) =>
        this.change(key, {
          problem: error instanceof ApiError && !error.unanswered ? { said: error.message } : "unreachable",
        }),
    );
  }

  private change(key: string, change: Partial<DraftFile>): void {
    this.set({
      ...this.store.get(),
      files: this.store.get().files.map((file) => (file.key === key ? { ...file, ...change } : file)),
    });
  }

  private set(state: DraftState): void {
    const files = state.files.filter(({ attachment }) => attachment !== null);
    const isEmpty = state.text === "" && files.length === 0;
    session.set(STORED, isEmpty ? null : JSON.stringify({ conversation: this.conversation, text: state.text, files }));
    this.store.set(state);
  }
}

const DraftFileSchema: Schema<DraftFile> = v.object({
  key: v.string(),
  name: v.string(),
  bytes: v.number(),
  progress: v.number(),
  attachment: v.nullable(AttachmentViewSchema),
  problem: v.nullable(v.union([v.picklist(["too_big", "unreachable"]), v.object({ said: v.string() })])),
});

const Stored = v.object({ conversation: v.string(), text: v.string(), files: v.array(DraftFileSchema) });

/** A draft of another conversation is nobody's. */
function stored(conversation: string): DraftState {
  const draft = restored(Stored, session.get(STORED));
  return draft?.conversation === conversation
    ? { text: draft.text, files: draft.files, leftOut: [] }
    : { text: "", files: [], leftOut: [] };
}

/** "340 KB", "2.1 MB". */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
