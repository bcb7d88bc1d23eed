import { beforeEach, describe, expect, it, vi } from "vitest";
import { Drafts, isEmpty, NO_DRAFT } from "./drafts";

const file = { id: "f", name: "a.png", media_type: "image/png", size_bytes: 3 };

beforeEach(() => sessionStorage.clear());

describe("a draft", () => {
  it("belongs to its tab of its conversation", () => {
    const drafts = new Drafts();
    drafts.set("a", "public", { text: "to Daniel" });
    drafts.set("a", "private", { text: "to Mei", attachments: [file] });
    expect(drafts.get("a", "public")).toEqual({ text: "to Daniel", attachments: [] });
    expect(drafts.get("a", "private").text).toBe("to Mei");
    expect(drafts.get("b", "private")).toEqual(NO_DRAFT);
  });

  it("outlives a reload, and is gone once it was sent", () => {
    new Drafts().set("a", "private", { text: "half a sen", attachments: [file] });
    const reloaded = new Drafts();
    expect(reloaded.get("a", "private")).toEqual({ text: "half a sen", attachments: [file] });
    reloaded.clear("a", "private");
    expect(new Drafts().get("a", "private")).toEqual(NO_DRAFT);
    expect(sessionStorage).toHaveLength(0);
  });

  it("is gone with the session, and nothing else is", () => {
    sessionStorage.setItem("other", "stays");
    const drafts = new Drafts();
    drafts.set("a", "private", { text: "secret" });
    drafts.forgetAll();
    expect(drafts.get("a", "private")).toEqual(NO_DRAFT);
    expect(Object.keys(sessionStorage)).toEqual(["other"]);
  });

  it("is the same object until it changes, and tells when it does", () => {
    const drafts = new Drafts();
    const told = vi.fn();
    drafts.subscribe(told);
    expect(drafts.get("a", "public")).toBe(drafts.get("a", "public"));
    drafts.set("a", "public", { text: "x" });
    expect(told).toHaveBeenCalledOnce();
  });

  it("with nothing but spaces is none; a broken one is forgotten", () => {
    expect(isEmpty({ text: " \n", attachments: [] })).toBe(true);
    expect(isEmpty({ text: "", attachments: [file] })).toBe(false);
    sessionStorage.setItem("sotto.draft.public.a", "{");
    expect(new Drafts().get("a", "public")).toEqual(NO_DRAFT);
  });
});
