import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { local } from "../browser/storage";
import { isolated } from "../text/unicode";
import { common } from "./common";
import type { Translated, Words } from "./translated";

export type { Translated } from "./translated";

export type Language = "en" | "ja";
export const LANGUAGES: readonly Language[] = ["en", "ja"];
const STORED = "sotto.language";

/**
 * Adds the words of a part of the pages. Each part brings its own, so that a caller's page does not
 * even contain the words that concern the staff.
 */
export function addWords<T extends Words>(part: string, en: T, ja: Translated<T>): void {
  i18next.addResourceBundle("en", part, en);
  i18next.addResourceBundle("ja", part, ja);
}

export function initLanguage(): void {
  void i18next.use(initReactI18next).init({
    lng: preferred(),
    fallbackLng: "en",
    defaultNS: "common",
    resources: {},
    // React escapes; what is put into a sentence must not turn it round.
    interpolation: { escapeValue: true, escape: isolated },
    initAsync: false,
  });
  addWords("common", common.en, common.ja);
  i18next.on("languageChanged", follow);
  follow(i18next.language);
}

export function language(): Language {
  return i18next.language === "ja" ? "ja" : "en";
}

/** How dates, times and lists are written: the reader's language; English as most of the world has it. */
export function locale(): "en-GB" | "ja" {
  return language() === "ja" ? "ja" : "en-GB";
}

export function setLanguage(next: Language): void {
  local.set(STORED, next);
  void i18next.changeLanguage(next);
}

/** A page in another site's frame speaks that site's language; else one's own choice comes first. */
function preferred(): Language {
  const query = new URLSearchParams(location.search);
  const [asked, stored] = [query.get("lang"), local.get(STORED)];
  const wishes = query.get("embed") === "1" ? [asked, stored] : [stored, asked];
  const wish = wishes.find((language): language is Language => language === "en" || language === "ja");
  return wish ?? (navigator.language.startsWith("ja") ? "ja" : "en");
}

function follow(next: string): void {
  document.documentElement.lang = next;
  if (next === "ja") void import("../styles/japanese.css");
}
