import { ApiError } from "../api/http";
import type { TextApi } from "../api/text";
import type { AttachmentView, Visibility } from "../wire/generated";
import { language } from "../i18n";
import { type Drafts, drafts } from "../live/text/drafts";
import { createStore, type Readable } from "../store/store";
import { useStore } from "../store/useStore";

export const FILE_BYTES_MAX = 10 * 1024 * 1024;
const FILES_MAX = 10;
/** What the file dialog offers; the server looks at the content. */
export const FILE_TYPES =
  "image/png,image/jpeg,image/gif,image/webp,image/heic,image/avif,.heic,.heif," +
  ".avif,application/pdf,text/*,.csv,.json,.xml,.log,.md,.eml,.ics,.vcf";

/** Why a file can't be attached. */
export type Refused = "tooBig" | "empty" | "tooMany";

/** A file on its way. */
export interface Uploading {
  readonly id: number;
  readonly name: string;
  /** 0 … 1 */
  readonly done: number;
  /** The server's words, once it has refused. */
  readonly failed: string | null;
  readonly cancel: () => void;
}

const NONE: readonly Uploading[] = [];

/** Uploads go on while another conversation is looked at; what is there joins the draft of its tab. */
export class Uploads {
  private readonly store = createStore<ReadonlyMap<string, readonly Uploading[]>>(new Map());
  readonly running: Readable<ReadonlyMap<string, readonly Uploading[]>> = this.store;
  private last = 0;

  constructor(private readonly kept: Drafts) {}

  of(thread: string, tab: Visibility): readonly Uploading[] {
    return this.store.get().get(`${tab} ${thread}`) ?? NONE;
  }

  start(api: Pick<TextApi, "attach">, thread: string, tab: Visibility, file: File): void {
    const id = ++this.last;
    const upload = api.attach(thread, file, (done) => this.change(thread, tab, id, { done }));
    const entry: Uploading = { id, name: file.name, done: 0, failed: null, cancel: () => upload.cancel() };
    this.put(thread, tab, [...this.of(thread, tab), entry]);
    upload.done.then(
      (attachment) => {
        this.forget(thread, tab, id);
        this.kept.set(thread, tab, { attachments: [...this.kept.get(thread, tab).attachments, attachment] });
      },
      (error: unknown) => {
        if (error instanceof ApiError && error.kind === "cancelled") this.forget(thread, tab, id);
        else this.change(thread, tab, id, { failed: error instanceof Error ? error.message : String(error) });
      },
    );
  }

  forget(thread: string, tab: Visibility, id: number): void {
    this.put(
      thread,
      tab,
      this.of(thread, tab).filter((upload) => upload.id !== id),
    );
  }

  private change(thread: string, tab: Visibility, id: number, change: Partial<Uploading>): void {
    this.put(
      thread,
      tab,
      this.of(thread, tab).map((upload) => (upload.id === id ? { ...upload, ...change } : upload)),
    );
  }

  private put(thread: string, tab: Visibility, uploads: readonly Uploading[]): void {
    this.store.set(new Map(this.store.get()).set(`${tab} ${thread}`, uploads));
  }
}

export const uploads = new Uploads(drafts);

export function useUploads(thread: string, tab: Visibility): readonly Uploading[] {
  return useStore(uploads.running, () => uploads.of(thread, tab));
}

/** Whether a file may be tried at all; `already` are attached. Of what type it is, the server judges by its content. */
export function refused({ size }: { size: number }, already: number): Refused | null {
  if (already >= FILES_MAX) return "tooMany";
  if (size === 0) return "empty";
  return size > FILE_BYTES_MAX ? "tooBig" : null;
}

/** The attachments without one. */
export function withoutAttachment(attachments: readonly AttachmentView[], id: string): AttachmentView[] {
  return attachments.filter((attachment) => attachment.id !== id);
}

/** "12 kB", "1.4 MB" */
export function sizeOf(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [Math.ceil(bytes / 1000), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language(), {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 1,
  }).format(value);
}
