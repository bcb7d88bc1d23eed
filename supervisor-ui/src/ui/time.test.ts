import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { setLanguage } from "../i18n";
import * as time from "./time";

/** 29 November 2026, 20:42:05 UTC: in Tokyo it is the 30th already. */
const AT = Date.UTC(2026, 10, 29, 20, 42, 5);

afterEach(() => {
  vi.unstubAllEnvs();
  setLanguage("en");
});

describe("a time", () => {
  it("is the reader's, on 24 hours, the day before the month", () => {
    vi.stubEnv("TZ", "Asia/Tokyo");
    expect(time.timeOf(AT)).toBe("05:42");
    expect(time.exactTime(AT)).toBe("05:42:05");
    expect(time.dateTime(AT)).toBe("30 Nov, 05:42");
    expect(time.exactDateTime(AT)).toBe("30 Nov 2026, 05:42:05");
    expect(time.longDateTime(AT)).toContain("Monday");
    expect(time.longDateTime(AT)).toContain("GMT+9");
    expect(time.shortDay(AT)).toBe("Mon 30");
    expect(time.fullDay(AT)).toBe("Mon, 30 Nov 2026");
    expect(time.fileTime(AT)).toBe("2026-11-30T0542+0900");
    setLanguage("ja");
    expect(time.dateTime(AT)).toBe("11月30日 05:42");
    expect(time.shortDay(AT)).toBe("30日(月)");
  });

  it("names its zone in a file's name, west of Greenwich, too", () => {
    vi.stubEnv("TZ", "America/St_Johns");
    expect(time.fileTime(AT)).toBe("2026-11-29T1712-0330");
  });

  it("is written by this module alone", () => {
    const source = join(import.meta.dirname, "..");
    const others = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
      (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && file !== join("ui", "time.ts"),
    );
    const formats =
      /toLocale(?:Date|Time)?String\(|Intl\.DateTimeFormat(?!\(\)\.resolvedOptions)|toISOString\(\)\.(?:slice|replace)/;
    expect(others.filter((file) => formats.test(readFileSync(join(source, file), "utf8")))).toEqual([]);
  });
});
