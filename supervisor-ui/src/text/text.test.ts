import { describe, expect, it, vi } from "vitest";
import { catchDrops, isComposing, pastedFiles } from "./input";
import { folded, graphemes, isBlank, isolated, lengthOf, shownName } from "./unicode";

describe("a name", () => {
  it("is on one line, in one form, and turns nobody round", () => {
    expect(shownName("  Ana\u2028Duarte\t ")).toBe("Ana Duarte");
    expect(shownName("Jose\u0301")).toBe("Jos\u00e9");
    expect(shownName("\u202eevil\u202c Miller")).toBe("evil Miller");
    expect(shownName("Zero\u200bWidth")).toBe("ZeroWidth");
    expect(shownName(`A${"\u0301".repeat(78)}`)).toBe(`Á${"\u0301".repeat(4)}`);
    expect(shownName("👨‍👩‍👧‍👦 Weber")).toBe("👨‍👩‍👧‍👦 Weber");
    expect(shownName("नमस्‍ते")).toBe("नमस्‍ते");
  });

  it("of signs that nobody sees is no name", () => {
    for (const blank of [
      "",
      " ",
      "\u200b",
      "\u2800",
      "\u3164",
      "\u00a0\u3000",
      "\ufeff\u2060",
      "\u202e",
      "\u115f",
      "\u064e\u064f",
    ]) {
      expect(shownName(blank), escape(blank)).toBe("");
      expect(isBlank(blank), escape(blank)).toBe(true);
    }
    expect(isBlank("🙂")).toBe(false);
    expect(isBlank("।")).toBe(false);
  });

  it("within a sentence leaves the words around it where they are", () => {
    expect(isolated("Ana")).toBe("Ana");
    expect(isolated("ليلى")).toBe("\u2068ليلى\u2069");
    expect(isolated("a\u202eb\u2069c")).toBe("\u2068abc\u2069");
  });
});

describe("a text", () => {
  it("is counted as the server counts it, and cut between signs", () => {
    expect(lengthOf("🙂".repeat(2001))).toBe(2001);
    expect(graphemes("👨‍👩‍👧か\u3099é")).toEqual(["👨‍👩‍👧", "か\u3099", "é"]);
  });
});

describe("a search", () => {
  it("finds what says the same", () => {
    for (const [a, b] of [
      ["Mu\u0308ller", "MULLER"],
      ["STRASSE", "straße"],
      ["ＦＵＬＬ４７１１", "full4711"],
      ["ｶﾞｽ", "ガス"],
      ["İADE", "iade"],
      ["ΟΔΟΣ", "οδος"],
      ["Łódź", "lodz"],
      ["أحمد", "احمد"],
      ["co\u00adop", "coop"],
    ] as const) {
      expect(folded(a), a).toBe(folded(b));
    }
    expect(folded("か")).not.toBe(folded("が"));
    expect(folded("คา")).not.toBe(folded("ค่า"));
  });
});

describe("a field", () => {
  it("leaves to an input method what is its own, in Safari, too", () => {
    expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
    expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
  });

  it("takes the text of cells, and the file that was copied", () => {
    const files = [new File(["x"], "image.png", { type: "image/png" })];
    expect(pastedFiles({ types: ["text/plain", "text/html", "text/rtf", "Files"], files })).toEqual([]);
    expect(pastedFiles({ types: ["Files", "text/plain"], files })).toEqual(files);
    expect(pastedFiles({ types: ["text/html", "Files"], files })).toEqual(files);
    expect(pastedFiles({ types: ["text/plain"], files: [] })).toEqual([]);
  });

  it("catches files wherever they are dropped, and no text", () => {
    const take = vi.fn();
    const release = catchDrops(take);
    const file = new File(["x"], "a.txt");
    const dropped = (types: string[], files: File[]) => {
      const event = new Event("drop", { cancelable: true });
      Object.assign(event, { dataTransfer: { types, files } });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(dropped(["Files"], [file])).toBe(true);
    expect(take).toHaveBeenCalledExactlyOnceWith([file]);
    expect(dropped(["text/plain"], [])).toBe(false);
    release();
    expect(dropped(["Files"], [file])).toBe(false);
    expect(take).toHaveBeenCalledOnce();
  });
});
