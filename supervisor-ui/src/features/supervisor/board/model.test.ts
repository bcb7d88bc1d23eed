import { expect, test } from "vitest";
import type { AgentView, CallView, ConversationView } from "../../../wire/generated";
import { boardOf, countsOf, missedOf } from "./model";
import { levelOf, queuesOf } from "./queues";

const agent = (user: string, state: AgentView["state"], more: Partial<AgentView> = {}): AgentView => ({
  user,
  name: `Name ${user}`,
  queues: ["support"],
  state,
  since: 0,
  ...more,
});

const call = (id: string, more: Partial<CallView> = {}): CallView => ({
  id,
  state: "active",
  queue: "support",
  caller: { name: "Daniel" },
  legs: [],
  held: false,
  placed_at: 1000,
  ...more,
});

const chat = (id: string, agents: readonly string[], more: Partial<ConversationView> = {}) =>
  ({
    id,
    state: "active",
    channel: "web_chat",
    queue: "support",
    members: agents.map((user) => ({ user, name: user, part: "agent", since: 0 })),
    opened_at: 500,
    ...more,
  }) as unknown as ConversationView;

const leg = (user: string) => ({
  id: `leg ${user}`,
  user,
  name: user,
  role: "agent" as const,
  muted: false,
  lost: false,
});

test("each agent stands with what they work on, and who only supervises does not stand there", () => {
  const agents = [
    agent("b", "ready"),
    agent("a", "active"),
    agent("c", "ringing"),
    agent("s", "ready", { supervisor: true }),
  ];
  const calls = [
    call("1", { legs: [leg("a")] as CallView["legs"] }),
    call("2", { state: "ringing", ringing: { user: "c", name: "c" } }),
  ];
  const rows = boardOf(agents, calls, [chat("3", ["b"]), chat("4", ["b"]), chat("5", ["a"], { call: "1" })], undefined);
  expect(
    rows.map(({ agent: { user }, state, call: on, chats }) => [user, state, on?.id ?? null, chats.length]),
  ).toEqual([
    ["a", "active", "1", 0],
    ["b", "chats", null, 2],
    ["c", "ringing", "2", 0],
  ]);
  expect(countsOf(rows)).toEqual({ active: 1, chats: 1, ringing: 1, ready: 0, not_ready: 0, offline: 0 });
});

test("an agent to whom nothing came today has no calls, and nobody has any while it is not known", () => {
  const figures = { offered: 3, answered: 2, abandoned: 0, within_goal: 0, missed: 1, missed_chats: 2, declined: 0 };
  const today = { rows: [{ agent: { user: "a", name: "a" }, figures }], total: figures };
  const agents = [agent("a", "ready"), agent("b", "ready")];
  expect(boardOf(agents, [], [], today).map((row) => missedOf(row.today))).toEqual([3, 0]);
  expect(boardOf(agents, [], [], undefined).map((row) => row.today)).toEqual([undefined, undefined]);
});

test("a queue counts who waits for a first answer, and the longest of them", () => {
  const queues = [{ id: "support", name: "Support", team: "t" }];
  const calls = [
    call("1", { state: "waiting", placed_at: 3000 }),
    call("2", { state: "ringing", placed_at: 2000 }),
    call("3", { answered_at: 1500 }),
  ];
  const [row] = queuesOf(queues, calls, [chat("4", []), chat("5", ["a"], { answered_at: 600 })], undefined);
  expect(row).toMatchObject({ calls: 2, chats: 1, since: 500 });
  expect(queuesOf(queues, [], [], undefined)[0]?.since).toBeNull();
});

test("a service level is of calls answered or abandoned", () => {
  const figures = { offered: 9, answered: 4, abandoned: 1, within_goal: 4, missed: 0, missed_chats: 0, declined: 0 };
  expect([levelOf(figures), levelOf(undefined)]).toEqual([80, null]);
});
