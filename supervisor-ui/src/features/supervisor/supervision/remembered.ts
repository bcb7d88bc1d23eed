import { session } from "../../../browser/storage";

/** More than a tab ever needs at once. */
const KEPT_MAX = 32;

/** A short list of ids that this tab keeps over its reloads: what it did itself, and another place did not. */
export class Remembered {
  private readonly key: string;

  constructor(name: string) {
    this.key = `sotto.tab.${name}`;
  }

  has(id: string): boolean {
    return this.all().includes(id);
  }

  add(id: string): void {
    if (!this.has(id)) session.set(this.key, JSON.stringify([...this.all(), id].slice(-KEPT_MAX)));
  }

  drop(id: string): void {
    session.set(this.key, JSON.stringify(this.all().filter((known) => known !== id)));
  }

  private all(): string[] {
    try {
      const kept: unknown = JSON.parse(session.get(this.key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
    } catch {
      return [];
    }
  }
}
