import { expect, test } from "vitest";
import { query } from "./records";

test("a query says only what is asked for, and nothing else gets in", () => {
  expect(query({ search: "", kind: "", from: null })).toBe("");
  expect(query({ search: "a&kind=call b", from: 0 })).toBe("?search=a%26kind%3Dcall+b&from=0");
});
