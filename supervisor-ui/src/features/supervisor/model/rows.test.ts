import { describe, expect, it } from "vitest";
import { ANA, aConversation, aMember, DANIEL } from "../../../testing/text";
import { aCall, aLeg } from "../../../testing/wire";
import type { CallView, ConversationView } from "../../../wire/generated";
import { entriesOf, type Entry, isTense, moodWord } from "./entry";
import { DEFAULT_SORT, type Filter, inOrderOf, itemsOf, matches, NO_FILTER, ordered, toggled } from "./rows";

const call = (id: string, caller: string, agent: string, at: number, more: Partial<CallView> = {}) =>
  aCall(id, {
    caller: { name: caller, number: "+420 601 555 014" },
    legs: [aLeg("c", "caller", caller), aLeg("g", "agent", agent)],
    placed_at: at,
    answered_at: at,
    ...more,
  });

const CALLS = [
  call("1", "Hana Satō", "Yuki", 10),
  call("2", "Marek Novák", "Ana", 20, { queue: "support" }),
  call("3", "anna", "Zoe", 30),
];
const rows = (calls: CallView[], ...chats: ConversationView[]) => entriesOf(calls, chats);
const ids = (entries: readonly Entry[]) => entries.map(({ id }) => id).join("");
const helped = (at: number) =>
  call("9", "H", "A", at, { help: { leg: "g", agent: "A", state: "open", requested_at: at } });

describe("the table", () => {
  it("finds by caller, agent and number, without accents, case or spaces; chats by customer, agent and subject", () => {
    const chat = aConversation("8", {
      subject: "Refund for headphones",
      members: [aMember(DANIEL, "requester"), aMember(ANA, "agent")],
    });
    const found = (text: string) => ids(rows(CALLS, chat).filter((entry) => matches(entry, { ...NO_FILTER, text })));
    expect(found("novak")).toBe("2");
    expect(found("SATO")).toBe("1");
    expect(found("zoe")).toBe("3");
    expect(found("601555014")).toBe("123");
    expect(found("ortiz")).toBe("8");
    expect(found("ana d")).toBe("8");
    expect(found("headphones")).toBe("8");
    expect(found("nobody")).toBe("");
  });

  it("filters by queue and kind, help, waiting and mood", () => {
    const waiting = call("4", "W", "", 1, { state: "waiting", legs: [] });
    const upset = call("5", "U", "A", 1, { mood: { value: -0.7, trend: 0 } });
    const all = rows(
      [...CALLS, waiting, upset, helped(1)],
      aConversation("6", { queue: "support" }),
      aConversation("7", { state: "parked", queue: "sales" }),
    );
    const only = (filter: Partial<Filter>) => ids(all.filter((entry) => matches(entry, { ...NO_FILTER, ...filter })));
    expect(only({ queue: "support" })).toBe("26");
    expect(only({ only: "chats" })).toBe("67");
    expect(only({ only: "calls" })).toBe("123459");
    expect(only({ only: "help" })).toBe("9");
    expect(only({ only: "waiting" })).toBe("47");
    expect(only({ only: "tense" })).toBe("5");
  });

  it("puts help requests first, then what is oldest", () => {
    expect(ids(ordered(rows([...CALLS].toReversed().concat(helped(99))), NO_FILTER, DEFAULT_SORT))).toBe("9123");
  });

  it("sorts by a heading, and turns round at the second click", () => {
    const entries = rows(CALLS);
    const byCaller = toggled(DEFAULT_SORT, "caller");
    expect(ids(ordered(entries, NO_FILTER, byCaller))).toBe("312");
    expect(ids(ordered(entries, NO_FILTER, toggled(byCaller, "caller")))).toBe("213");
    expect(ids(ordered(entries, NO_FILTER, toggled(DEFAULT_SORT, "time")))).toBe("123");
  });

  it("sorts by mood, the worst first; of what none is known is in the middle", () => {
    const mood = (id: string, value: number) => call(id, "C", "A", 1, { mood: { value, trend: 1 } });
    const entries = rows([mood("g", 0.9), mood("b", -0.9), call("n", "N", "A", 1)]);
    expect(ids(ordered(entries, NO_FILTER, toggled(DEFAULT_SORT, "mood")))).toBe("bng");
  });

  it("keeps rows in their places, newcomers last", () => {
    const sorted = ordered(rows([...CALLS, call("0", "A", "A", 0)]), NO_FILTER, DEFAULT_SORT);
    expect(ids(sorted)).toBe("0123");
    expect(ids(inOrderOf(["3", "1", "2"], sorted))).toBe("3120");
  });

  it("leaves out what has ended, and what is written beside a call", () => {
    expect(
      rows(
        [aCall("x", { state: "ended" })],
        aConversation("y", { state: "ended" }),
        aConversation("z", { call: "x", channel: "voice" }),
      ),
    ).toEqual([]);
  });

  it("groups calls, chats and what waits", () => {
    const items = itemsOf(
      rows(
        [...CALLS, call("4", "W", "", 1, { state: "ringing" })],
        aConversation("5"),
        aConversation("6", { state: "waiting" }),
      ),
    );
    expect(
      items.map((item) => (item.kind === "group" ? `${item.key} ${item.count}` : `${item.entry.id}@${item.place}`)),
    ).toEqual(["groupCalls 3", "1@0", "2@1", "3@2", "groupChats 1", "5@3", "groupWaiting 2", "4@4", "6@5"]);
  });

  it("takes a thousand conversations in a moment", () => {
    const many = Array.from({ length: 1000 }, (_, index) => aConversation(`c${index}`, { opened_at: index % 7 }));
    const began = performance.now();
    expect(itemsOf(ordered(rows([], ...many), NO_FILTER, DEFAULT_SORT))).toHaveLength(1001);
    expect(performance.now() - began).toBeLessThan(300);
  });
});

describe("mood", () => {
  it("is a word of four", () => {
    expect([0.9, 0.1, -0.3, -0.8].map((value) => moodWord({ value, trend: 0 }))).toEqual([
      "calm",
      "neutral",
      "tense",
      "upset",
    ]);
    expect([isTense({ value: -0.3, trend: 0 }), isTense({ value: 0, trend: 0 }), isTense(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
