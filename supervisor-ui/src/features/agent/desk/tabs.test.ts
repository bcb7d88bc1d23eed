import { describe, expect, it, vi } from "vitest";
import { act } from "../../../live/text/local";
import { reduceText } from "../../../live/text/reduce";
import { ownConversations } from "../../../live/text/select";
import { INITIAL_TEXT } from "../../../live/text/state";
import { ANA, aConversation, aMember, aMessage, aPrivate, aTextSnapshot, DANIEL, MEI } from "../../../testing/text";
import { DESK, shownConversation, shownTab, Tabs } from "./tabs";

const others = aConversation("b", { members: [aMember(DANIEL, "requester"), aMember(MEI, "agent")] });
const tagged = aConversation("c", {
  members: [aMember(DANIEL, "requester"), aMember(MEI, "agent"), aMember(ANA, "colleague", { since: 900 })],
});
const beside = aConversation("v", { call: "call", channel: "voice" });
const text = reduceText(INITIAL_TEXT, aTextSnapshot([tagged, others, aConversation("a"), beside]), ANA.user);

describe("the tabs", () => {
  it("are one's own conversations, oldest first; the one beside a call stands beside the call", () => {
    const ids = (state: typeof text) => ownConversations(state, ANA.user).map(({ id }) => id);
    expect(ids(text)).toEqual(["a", "c"]);
    const whispered = reduceText(
      text,
      { type: "message.posted", seq: 2, at: 5, conversation: "v", message: aPrivate(1) },
      ANA.user,
    );
    expect(ids(whispered)).toEqual(["a", "c"]);
    const written = reduceText(
      whispered,
      { type: "message.posted", seq: 3, at: 6, conversation: "v", message: aMessage(2) },
      ANA.user,
    );
    expect(ids(written)).toEqual(["a", "v", "c"]);
  });

  it("fall back to the desk when what was chosen is gone", () => {
    expect(shownTab("a", [aConversation("a")])).toBe("a");
    expect(shownTab("b", [aConversation("a")])).toBe(DESK);
  });

  it("stay with a conversation that is over until it is put away, but act on it no more", () => {
    const over = reduceText(
      text,
      { type: "conversation.ended", seq: 2, at: 5, conversation: { ...aConversation("a"), state: "ended" } },
      ANA.user,
    );
    expect(shownTab("a", ownConversations(over, ANA.user))).toBe("a");
    expect(shownConversation(over, ANA.user, "a")).toBeUndefined();
    expect(shownConversation(text, ANA.user, "a")?.id).toBe("a");
    expect(ownConversations(act(over, { type: "put_away", conversation: "a" }), ANA.user).map(({ id }) => id)).toEqual([
      "c",
    ]);
  });

  it("close what was open over another conversation", () => {
    const tabs = new Tabs();
    const told = vi.fn();
    tabs.view.subscribe(told);
    tabs.open("transfer");
    expect(tabs.view.get().dialog).toBe("transfer");
    tabs.choose("a");
    expect(tabs.view.get()).toEqual({ chosen: "a", dialog: null });
    expect(told).toHaveBeenCalledTimes(2);
  });
});
