import { describe, expect, it } from "vitest";
import { aMessage, aPrivate, ANA, MEI } from "../testing/text";
import type { Notice } from "../live/text/state";
import { askedAt, helpCommand, matching, mentioned, withChoice } from "./commands";
import { itemsOf } from "./items";

describe("commands", () => {
  it("/help is a request with or without a reason, whatever the keyboard", () => {
    expect(helpCommand("/help Refund is stuck")).toEqual({ reason: "Refund is stuck" });
    expect(helpCommand(" /HELP ")).toEqual({ reason: undefined });
    expect(helpCommand("／help 返金できません")).toEqual({ reason: "返金できません" });
    expect(helpCommand("/helpful")).toBeNull();
    expect(helpCommand("see /help")).toBeNull();
  });

  it("@ asks for a colleague and / for a reply, at the caret", () => {
    expect(askedAt("ask @Me", 7)).toEqual({ kind: "mention", query: "Me", from: 4, to: 7 });
    expect(askedAt("確認は@", 4)).toMatchObject({ kind: "mention", query: "" });
    expect(askedAt("ana@example.org", 15)).toBeNull();
    expect(askedAt("ask @Mei now", 12)).toBeNull();
    expect(askedAt("/re", 3)).toEqual({ kind: "reply", query: "re", from: 0, to: 3 });
    expect(askedAt("a /re", 5)).toBeNull();
  });

  it("puts a choice where it was asked for", () => {
    expect(withChoice("ask @Me please", { kind: "mention", query: "Me", from: 4, to: 7 }, "Mei Tanabe")).toEqual({
      text: "ask @Mei Tanabe please",
      caret: 15,
    });
    expect(withChoice("/re", { kind: "reply", query: "re", from: 0, to: 3 }, "Your refund…")).toEqual({
      text: "Your refund…",
      caret: 12,
    });
  });

  it("finds who is named, the longer name first", () => {
    const colleagues = [{ user: "1", name: "Mei" }, MEI, ANA];
    expect(mentioned("@Mei Tanabe can you?", colleagues)).toEqual([MEI]);
    expect(mentioned("@Mei and @Mei Tanabe", colleagues).map(({ user }) => user)).toEqual(["mei", "1"]);
    expect(matching(colleagues, "tan", ({ name }) => name)).toEqual([MEI]);
  });
});

describe("the timeline", () => {
  const notice = (at: number): Notice => ({ kind: "left", at, user: ANA, part: "agent" });
  const outgoing = { clientId: "c", text: "x", visibility: "public" as const, attachments: [], at: 1, failed: null };
  const keys = (...args: Parameters<typeof itemsOf>) =>
    itemsOf(...args).map(({ key }) => key.split(" ").slice(0, 2).join(" "));

  it("puts what happened between the messages, and what is being sent last", () => {
    const messages = [aMessage(1), aPrivate(2), aMessage(3)];
    expect(keys(messages, [notice(500), notice(1002.5), notice(9000)], [outgoing])).toEqual([
      "left 500",
      "m1",
      "m2",
      "left 1002.5",
      "m3",
      "left 9000",
      "c",
    ]);
  });

  it("keeps a message's place when it becomes the real one", () => {
    expect(keys([aMessage(1, { client_id: "c" })], [], [])).toEqual(["c"]);
  });

  it("tells nothing of a time whose messages are not here", () => {
    expect(keys([aMessage(8)], [notice(500), notice(2000)], [])).toEqual(["m8", "left 2000"]);
  });
});
