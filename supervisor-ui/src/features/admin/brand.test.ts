import { expect, it } from "vitest";
import { brandSave, brandWrongs, contrastWithWhite } from "./brand";

const NONE = { name: "", accent: "", privacy_url: "", closed_message: "" };

it("a brand may be empty, and is sent without spaces around", () => {
  expect(brandWrongs(NONE)).toEqual({});
  const typed = { ...NONE, name: " Acme ", accent: " #0A5C8F", privacy_url: "https://example.com/privacy " };
  expect(brandWrongs(typed)).toEqual({});
  expect(brandSave(typed)).toEqual({
    ...NONE,
    name: "Acme",
    accent: "#0a5c8f",
    privacy_url: "https://example.com/privacy",
  });
});

it("a colour is dark enough for white on it", () => {
  // #767676 is the lightest grey of WCAG's.
  expect(contrastWithWhite("#767676")).toBeGreaterThan(4.5);
  expect(contrastWithWhite("#777777")).toBeLessThan(4.5);
  expect(brandWrongs({ ...NONE, accent: "#ffd60a" })).toEqual({ accent: { key: "pale" } });
  for (const odd of ["red", "#fff", "0a5c8f", "#12345g"]) {
    expect(brandWrongs({ ...NONE, accent: odd })).toEqual({ accent: { key: "colour" } });
  }
});

it("an address is one by HTTPS", () => {
  for (const odd of ["http://example.com", "javascript:alert(1)", "example.com", "https:///x", "https://a b"]) {
    expect(brandWrongs({ ...NONE, privacy_url: odd })).toEqual({ privacy_url: { key: "https" } });
  }
  expect(brandWrongs({ ...NONE, name: "x".repeat(41) })).toEqual({ name: { key: "long", max: 40 } });
});
