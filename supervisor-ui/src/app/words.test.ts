import { readFileSync } from "node:fs";
import { join } from "node:path";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { initLanguage } from "../i18n";

/** Every part's words, by their path: `part.key.key`. */
function wordsOf(language: "en" | "ja"): Map<string, string> {
  const flat = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string") flat.set(path, value);
    else if (value && typeof value === "object") {
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    }
  };
  walk(i18next.getDataByLanguage(language), "");
  return flat;
}

/** What is not written, and what is written instead: one word for one thing. */
const NOT_IN_JAPANESE: readonly [RegExp, string][] = [
  [/監督/, "スーパーバイザー, モニタリング"],
  [/支援|助けを/, "ヘルプ"],
  [/ムード/, "雰囲気"],
  [/ブラウザ(?!ー)/, "ブラウザー"],
  [/社内メッセージ/, "非公開メッセージ"],
  [/聞く(?!」)/, "モニター"],
  [/回線断/, "切断"],
  [/[\u3040-\u30ff\u4e00-\u9fff}]: /, "： (full width)"],
  [/～/, "〜 (U+301C)"],
];

beforeAll(async () => {
  initLanguage();
  const parts = import.meta.glob<unknown>(["../**/words.ts", "../**/*Words.ts", "../**/*roblems.ts"]);
  await Promise.all(Object.values(parts).map((load) => load()));
});

describe("the words", () => {
  it("are all there", () => {
    expect(wordsOf("en").size).toBeGreaterThan(700);
    expect([...wordsOf("ja").keys()].toSorted()).toEqual([...wordsOf("en").keys()].toSorted());
  });

  it("name the same people and figures in both languages, but for a name that one of them need not repeat", () => {
    const slots = (text: string) => new Set(text.match(/\{\{\w+\}\}/g));
    const ja = wordsOf("ja");
    for (const [path, text] of wordsOf("en")) {
      const known = slots(text);
      const foreign = [...slots(ja.get(path) ?? "")].filter((slot) => !known.has(slot));
      expect(foreign, path).toEqual([]);
    }
  });

  it("call a thing by one name in Japanese", () => {
    for (const [path, text] of wordsOf("ja")) {
      for (const [not, instead] of NOT_IN_JAPANESE) expect(not.test(text), `${path}: ${text} (${instead})`).toBe(false);
    }
  });

  it("have a text for every refusal of the server's", () => {
    const source = readFileSync(join(import.meta.dirname, "../../../crates/api/src/problem.rs"), "utf8");
    const kinds = [...source.matchAll(/= [A-Z_]+, "([a-z-]+)", "/g)].map((match) => match[1]);
    expect(kinds.length).toBeGreaterThan(30);
    const listed = readFileSync(join(import.meta.dirname, "../../../crates/api/src/cause.rs"), "utf8");
    const causes = [...listed.matchAll(/ = "([a-z-]+)";/g)].map((match) => match[1]);
    expect(causes.length).toBeGreaterThan(20);
    for (const words of [wordsOf("en"), wordsOf("ja")]) {
      expect([...kinds, ...causes].filter((name) => !words.has(`problems.${name}`))).toEqual([]);
    }
  });

  it("never speak of the API's routes", () => {
    for (const words of [wordsOf("en"), wordsOf("ja")]) {
      for (const [path, text] of words)
        expect(/\/api\/|\b(POST|PUT|PATCH|DELETE) |Bearer/.test(text), path).toBe(false);
    }
  });

  it("are typographic English: no straight quotes, no three dots", () => {
    for (const [path, text] of wordsOf("en")) expect(/['"]|\.\.\./.test(text), `${path}: ${text}`).toBe(false);
  });
});
