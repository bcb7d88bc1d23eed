import { expect, test } from "vitest";
import type { AgentView, ChatView } from "../wire/generated";
import { chatWith, minimised, NO_WINDOWS, opened, putAway, sorted, tabsOf, WINDOWS_MAX } from "./tabs";

const chat = (id: string, more: Partial<ChatView> = {}): ChatView => ({
  id,
  with: { user: `u${id}`, name: id },
  own: true,
  pending: false,
  unread: 0,
  read_up_to: 0,
  messages: 1,
  opened_at: 1,
  ended: false,
  ...more,
});
const map = (...chats: ChatView[]) => new Map(chats.map((one) => [one.id, one]));

test("a chat that another one opened has a tab from the first message on", () => {
  expect(tabsOf(map(chat("a", { own: false, messages: 0 })), NO_WINDOWS)).toEqual([]);
  expect(tabsOf(map(chat("a", { own: false, messages: 1 })), NO_WINDOWS)).toHaveLength(1);
  expect(tabsOf(map(chat("a", { messages: 0 })), NO_WINDOWS)).toHaveLength(1);
});

test("an ended chat stays while it is looked at or has something new", () => {
  const ended = chat("a", { ended: true });
  expect(tabsOf(map(ended), NO_WINDOWS)).toEqual([]);
  expect(tabsOf(map({ ...ended, unread: 1 }), NO_WINDOWS)).toHaveLength(1);
  const open = opened(NO_WINDOWS, "a");
  expect(tabsOf(map(ended), open)).toHaveLength(1);
  expect(tabsOf(map({ ...ended, unread: 1 }), putAway(open, "a"))).toEqual([]);
});

test("tabs keep their order while messages come", () => {
  const chats = map(chat("b", { opened_at: 2, unread: 4 }), chat("a", { opened_at: 1 }));
  expect(tabsOf(chats, NO_WINDOWS).map(({ id }) => id)).toEqual(["a", "b"]);
});

test("windows are opened once and as many as fit", () => {
  const all = ["a", "b", "c", "d"].reduce(opened, NO_WINDOWS);
  expect(all.open).toHaveLength(WINDOWS_MAX);
  expect(opened(all, "b").open).toEqual(["c", "d", "b"]);
  expect(minimised(all, "d").open).toEqual(["b", "c"]);
  expect(opened(putAway(all, "d"), "d").away.size).toBe(0);
});

test("the sender stands first, and an ended chat is nobody's", () => {
  const agent = (name: string): AgentView => ({ user: `u${name}`, name, queues: [], state: "ready", since: 0 });
  const chats = map(chat("z", { unread: 2 }), chat("m", { ended: true, unread: 1 }));
  expect(sorted([agent("a"), agent("m"), agent("z")], chats).map(({ name }) => name)).toEqual(["z", "a", "m"]);
  expect(chatWith(chats, "um")).toBeUndefined();
});
