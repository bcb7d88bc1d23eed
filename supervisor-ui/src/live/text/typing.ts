/** "Still typing" is said again after that; the other side forgets it after 6 s. */
const REPEAT_MS = 3000;
/** Who has not typed for that long has stopped. */
const IDLE_MS = 5000;

/** Tells that this user types in public. Of typing in private nobody is told, so it is never called for that. */
export class TypingSign {
  private conversation: string | null = null;
  private saidAt = 0;
  private idle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly say: (conversation: string, typing: boolean) => void) {}

  /** A key was pressed in the public tab. */
  typed(conversation: string): void {
    if (this.conversation !== conversation) this.stop();
    const now = Date.now();
    if (this.conversation === null || now - this.saidAt >= REPEAT_MS) {
      this.conversation = conversation;
      this.saidAt = now;
      this.say(conversation, true);
    }
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.stop(), IDLE_MS);
  }

  /** The field was left, emptied, or turned to private. */
  stop(): void {
    clearTimeout(this.idle);
    if (this.conversation === null) return;
    this.say(this.conversation, false);
    this.conversation = null;
  }

  dispose(): void {
    clearTimeout(this.idle);
    this.conversation = null;
  }
}
