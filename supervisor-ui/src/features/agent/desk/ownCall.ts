import * as v from "valibot";
import { session } from "../../../browser/storage";
import type { CallView } from "../../../wire/generated";
import { restored, type Schema } from "../../../wire/schema";

/** The call whose sound this tab carries. `held`: the page put it on hold as it was left. */
interface Kept {
  call: string;
  caller: string;
  held: boolean;
}

const Stored: Schema<Kept> = v.object({ call: v.string(), caller: v.string(), held: v.boolean() });
const KEY = "sotto.tab.call";

/** Keeps over a reload which call this tab carries, so that the page goes on with it. */
export class OwnCall {
  private release: (() => void) | null = null;

  /** From now on this tab carries `call`; null: none. */
  set(call: Pick<CallView, "id" | "caller"> | null): void {
    this.release?.();
    this.release = null;
    session.set(KEY, call && textOf(call, false));
    if (call) void this.lock(call.id);
  }

  /** The page is being left, and has put the call on hold. */
  leaving(call: Pick<CallView, "id" | "caller">): void {
    session.set(KEY, textOf(call, true));
  }

  /** What an earlier page of this tab carried last. */
  left(): Kept | null {
    return restored(Stored, session.get(KEY));
  }

  /** What an earlier page of this tab carried, unless another tab carries it by now: tabs can be duplicated. */
  async resumable(call: string): Promise<Kept | null> {
    const kept = this.left();
    if (kept?.call !== call) return null;
    const locks = await navigator.locks?.query();
    return locks?.held?.some(({ name }) => name === nameOf(call)) ? null : kept;
  }

  private async lock(call: string): Promise<void> {
    const carried = new Promise<void>((resolve) => (this.release = resolve));
    await navigator.locks?.request(nameOf(call), { mode: "shared" }, () => carried).catch(() => undefined);
  }
}

function textOf({ id, caller }: Pick<CallView, "id" | "caller">, held: boolean): string {
  return JSON.stringify({ call: id, caller: caller.name, held } satisfies Kept);
}

function nameOf(call: string): string {
  return `${KEY} ${call}`;
}
