/** What tabs may do at once, each with a lock of its own. */
type Doing = "supervision" | "supervision.text" | "supervision.beside";

/** Whether another tab of this browser supervises: what it does there is not ours to end. */
export class OtherTabs {
  private release: (() => void) | null = null;
  private readonly name: string;

  constructor(doing: Doing) {
    this.name = `sotto.${doing}`;
  }

  /** Tells the other tabs that this one supervises, or no longer does. */
  announce(supervising: boolean): void {
    if (supervising === (this.release !== null)) return;
    if (!supervising) {
      this.release?.();
      this.release = null;
      return;
    }
    const done = new Promise<void>((resolve) => (this.release = resolve));
    void navigator.locks?.request(this.name, { mode: "shared" }, () => done).catch(() => undefined);
  }

  async supervise(): Promise<boolean> {
    const locks = await navigator.locks?.query();
    const held = locks?.held?.filter((lock) => lock.name === this.name).length ?? 0;
    return held > (this.release ? 1 : 0);
  }
}
