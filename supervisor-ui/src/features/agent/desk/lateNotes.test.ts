import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../../api/http";
import { LateNotes } from "./lateNotes";

const noRecord = () => new ApiError("/problems/not-found", 404, "no such interaction");

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
});
afterEach(() => vi.useRealTimers());

it("keeps a note on a call that goes on until there is a record for it, over a reload, too", async () => {
  const note = vi.fn<() => Promise<void>>(() => Promise.reject(noRecord()));
  const saved = vi.fn();
  const before = new LateNotes({ note }, saved);
  expect(await before.add("c", "called before")).toBe("waits");
  await vi.advanceTimersByTimeAsync(12_000);
  expect(saved).not.toHaveBeenCalled();
  before.dispose();

  const after = new LateNotes({ note }, saved);
  note.mockResolvedValue();
  await vi.advanceTimersByTimeAsync(5000);
  expect(note).toHaveBeenLastCalledWith("c", { text: "called before" });
  expect(saved).toHaveBeenCalledOnce();
  note.mockClear();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(note).not.toHaveBeenCalled();
  after.dispose();
});

it("says at once what can never be saved", async () => {
  const refusal = new ApiError("/problems/bad-input", 400, "A note has 1 to 4000 characters.");
  const notes = new LateNotes({ note: () => Promise.reject(refusal) }, () => undefined);
  await expect(notes.add("c", "")).rejects.toBe(refusal);
  expect(sessionStorage).toHaveLength(0);
});
