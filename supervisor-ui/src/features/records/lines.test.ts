import { expect, test } from "vitest";
import type { InteractionView, TimelineEntry } from "../../wire/generated";
import { detailWordOf, idBelow, isFiltered, lengthOf, NO_FILTER, wordOf } from "./lines";

const entry = (more: Partial<TimelineEntry>): TimelineEntry => ({
  at: 1,
  kind: "joined",
  private: false,
  text: "…",
  ...more,
});

test("a record's path names it, and nothing else does", () => {
  expect(idBelow("/agent/history", "/agent/history/1f")).toBe("1f");
  expect(idBelow("/agent/history", "/agent/history")).toBeNull();
  expect(idBelow("/agent/history", "/agent/historys/1f")).toBeNull();
  expect(idBelow("/agent/history", "/agent/history/../../login")).toBeNull();
});

test("what a newer server tells keeps its own sentence", () => {
  expect(wordOf(entry({}))).toBe("what.joined");
  expect(wordOf(entry({ kind: "teleported" }))).toBeNull();
});

test("a reason in the agent's words stays, a name of ours is translated", () => {
  expect(detailWordOf(entry({ kind: "help_cancelled", detail: "transferred" }))).toBe("why.transferred");
  expect(detailWordOf(entry({ kind: "wrap_up", detail: "resolved" }))).toBe("wrapUp:resolved");
  expect(detailWordOf(entry({ kind: "wrap_up", detail: "toString" }))).toBeNull();
  expect(detailWordOf(entry({ kind: "help_raised", detail: "transferred" }))).toBeNull();
});

test("a length is that of the talk", () => {
  const view = { answered_at: 1000, ended_at: 61_000 } as InteractionView;
  expect(lengthOf(view)).toBe(60_000);
  expect(lengthOf({ ...view, answered_at: undefined } as unknown as InteractionView)).toBeNull();
});

test("a search of blanks is none", () => {
  expect(isFiltered(NO_FILTER)).toBe(false);
  expect(isFiltered({ ...NO_FILTER, search: "  " })).toBe(false);
  expect(isFiltered({ ...NO_FILTER, code: "resolved" })).toBe(true);
  expect(isFiltered({ ...NO_FILTER, kind: "call" })).toBe(true);
});
