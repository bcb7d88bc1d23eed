import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { initLanguage } from "./i18n";

// Parts of the pages add their words as they are loaded, so the languages come first.
initLanguage();
afterEach(cleanup);

// jsdom has none of it.
globalThis.CSS ??= { escape: (text: string) => text.replace(/[^\w-]/g, "\\$&") } as typeof CSS;
