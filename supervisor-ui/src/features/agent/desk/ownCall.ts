import * as v from "valibot";
import { session } from "../../../browser/storage";
import { restored, type Schema } from "../../../wire/schema";

/** The call whose sound this tab carries. `held`: the page put it on hold as it was left. */
interface Kept {
  call: string;
  held: boolean;
}

const Stored: Schema<Kept> = v.object({ call: v.string(), held: v.boolean() });
const KEY = "sotto.tab.call";

/** Keeps over a reload which call this tab carries, so that the page goes on with it. */
export class OwnCall {
  private release: (() => void) | null = null;

  /** From now on this tab carries `call`; null: none. */
  set(call: string | null): void {
    this.release?.();
    this.release = null;
    session.set(KEY, call === null ? null : JSON.stringify({ call, held: false } satisfies Kept));
    if (call !== null) void this.lock(call);
  }

  /** The page is being left, and has put the call on hold. */
  leaving(call: string): void {
    session.set(KEY, JSON.stringify({ call, held: true } satisfies Kept));
  }

  /** What an earlier page of this tab carried, unless another tab carries it by now: tabs can be duplicated. */
  async resumable(call: string): Promise<Kept | null> {
    const kept = restored(Stored, session.get(KEY));
    if (kept?.call !== call) return null;
    const locks = await navigator.locks?.query();
    return locks?.held?.some(({ name }) => name === nameOf(call)) ? null : kept;
  }

  private async lock(call: string): Promise<void> {
    const carried = new Promise<void>((resolve) => (this.release = resolve));
    await navigator.locks?.request(nameOf(call), { mode: "shared" }, () => carried).catch(() => undefined);
  }
}

function nameOf(call: string): string {
  return `${KEY} ${call}`;
}
