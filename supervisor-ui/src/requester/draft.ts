import { ApiError, randomKey } from "../api/client";
import type { GuestTextApi } from "../api/guestText";
import { session } from "../browser/storage";
import type { AttachmentView } from "../wire/generated";

const STORED = "sotto.chat.draft";
export const TEXT_CHARS_MAX = 4000;
export const FILES_MAX = 10;
const FILE_BYTES_MAX = 10_000_000;
/** What the file dialog offers; the server looks at the content. */
export const FILE_TYPES = [
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "application/pdf",
  "text/plain",
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
}

/** The message that is being written. Its text and what has been uploaded outlive a reload. */
export class Draft {
  private state: DraftState;
  private readonly cancels = new Map<string, () => void>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly api: Pick<GuestTextApi, "attach">,
    private readonly conversation: string,
  ) {
    this.state = stored(conversation);
  }

  getState = (): DraftState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  write(text: string): void {
    this.set({ ...this.state, text });
  }

  add(files: readonly File[]): void {
    for (const file of files.slice(0, FILES_MAX - this.state.files.length)) this.upload(file);
  }

  remove(key: string): void {
    this.cancels.get(key)?.();
    this.cancels.delete(key);
    this.set({ ...this.state, files: this.state.files.filter((file) => file.key !== key) });
  }

  /** What can be sent now; null: nothing yet. */
  ready(): { text: string; attachments: AttachmentView[] } | null {
    const text = this.state.text.trim();
    const attachments = this.state.files.flatMap(({ attachment }) => (attachment ? [attachment] : []));
    const isUploading = this.state.files.some(({ attachment, problem }) => attachment === null && problem === null);
    if (isUploading || (text === "" && attachments.length === 0)) return null;
    return { text, attachments };
  }

  clear(): void {
    this.set({ text: "", files: [] });
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
    this.set({ ...this.state, files: [...this.state.files, entry] });
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
      ...this.state,
      files: this.state.files.map((file) => (file.key === key ? { ...file, ...change } : file)),
    });
  }

  private set(state: DraftState): void {
    this.state = state;
    const files = state.files.filter(({ attachment }) => attachment !== null);
    const isEmpty = state.text === "" && files.length === 0;
    session.set(STORED, isEmpty ? null : JSON.stringify({ conversation: this.conversation, text: state.text, files }));
    this.listeners.forEach((listener) => listener());
  }
}

/** A draft of another conversation is nobody's. */
function stored(conversation: string): DraftState {
  const empty = { text: "", files: [] };
  try {
    const draft = JSON.parse(session.get(STORED) ?? "null") as (DraftState & { conversation: string }) | null;
    return draft?.conversation === conversation ? { text: draft.text, files: draft.files } : empty;
  } catch {
    return empty;
  }
}
