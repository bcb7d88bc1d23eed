import { describe, expect, it } from "vitest";
import { pieces } from "./links";

const links = (text: string) => pieces(text).flatMap((piece) => (piece.kind === "link" ? [piece.href] : []));

describe("links in what others write", () => {
  it("are found, and the rest stays as it is", () => {
    expect(pieces("See https://shop.example/a?b=1.\nThanks 🙂")).toEqual([
      { kind: "text", text: "See " },
      { kind: "link", text: "https://shop.example/a?b=1", href: "https://shop.example/a?b=1" },
      { kind: "text", text: ".\nThanks 🙂" },
    ]);
    expect(pieces("nothing here")).toEqual([{ kind: "text", text: "nothing here" }]);
    expect(pieces("")).toEqual([]);
  });

  it("end where the sentence goes on", () => {
    expect(links("(https://a.example/x) https://a.example/y_(z)! https://a.example/q?.")).toEqual([
      "https://a.example/x",
      "https://a.example/y_(z)",
      "https://a.example/q",
    ]);
    expect(links("詳しくはhttps://a.example/案内、をご覧ください。")).toEqual(["https://a.example/%E6%A1%88%E5%86%85"]);
    expect(links("https://a.example/returns/4711をご覧ください")).toEqual(["https://a.example/returns/4711"]);
    expect(links("请看https://a.example/q说明 https://a.example/r입니다")).toEqual([
      "https://a.example/q",
      "https://a.example/r",
    ]);
    expect(links("見ました：https://a.example/x！これですか？ https://a.example/y？")).toEqual([
      "https://a.example/x",
      "https://a.example/y",
    ]);
    expect(links("https://a.example/z｡ 次")).toEqual(["https://a.example/z"]);
    expect(links("（https://a.example/foo_(bar)）〈https://a.example/b〉")).toEqual([
      "https://a.example/foo_(bar)",
      "https://a.example/b",
    ]);
    expect(links('<a href="https://a.example/">x</a>')).toEqual(["https://a.example/"]);
  });

  it("that look like another one are shown as the browser calls them", () => {
    expect(pieces("https://\u0430pple.example/login")).toEqual([
      { kind: "link", text: "https://xn--pple-43d.example/login", href: "https://xn--pple-43d.example/login" },
    ]);
    const shown = (text: string) => pieces(text).map((piece) => piece.text);
    for (const deceiving of ["https://\u0440\u0430\u0443.example/", "https://\u03bfnline.example/"]) {
      expect(shown(deceiving)[0]).toMatch(/^https:\/\/xn--[\w-]+\.example\/$/);
    }
    for (const honest of ["https://münchen.example/", "https://日本.example/x", "https://пример.example/"]) {
      expect(shown(honest)).toEqual([honest]);
    }
  });

  it("are web pages and nothing else", () => {
    for (const bad of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "//a.example",
      "https://",
      "https://bank.example@evil.example/",
      "ftp://a.example",
      "xhttps//a",
    ]) {
      expect(links(bad), bad).toEqual([]);
    }
  });

  it("lose no character", () => {
    const text = "a https://x.example/?q=(1)). b https:// http://y.example… c";
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});
