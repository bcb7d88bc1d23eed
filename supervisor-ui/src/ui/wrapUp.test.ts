import { expect, test } from "vitest";
import { allCodes, codeName, codesOf, WRAP_UP_CODES } from "./wrapUp";

const choices = [
  { queue: "support", wrap_up_codes: ["Refund", "resolved"] },
  { queue: "sales", wrap_up_codes: [] },
];

test("a queue has its own codes, or those that every queue has", () => {
  expect(codesOf(choices, "support")).toEqual(["Refund", "resolved"]);
  for (const queue of ["sales", "unknown", undefined]) expect(codesOf(choices, queue)).toEqual(WRAP_UP_CODES);
});

test("a search offers every code once", () => {
  expect(allCodes(choices)).toEqual(["Refund", "resolved", ...WRAP_UP_CODES.filter((code) => code !== "resolved")]);
  expect(allCodes([])).toEqual(WRAP_UP_CODES);
  expect(allCodes(choices.slice(0, 1))).toEqual(["Refund", "resolved"]);
});

test("a queue's own code is written as it is, whatever words there are", () => {
  const t = (key: string) => `<${key}>`;
  expect(codeName(t, "resolved")).toBe("<wrapUp:resolved>");
  expect(codeName(t, "toString")).toBe("toString");
});
