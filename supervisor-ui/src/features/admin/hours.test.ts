import { describe, expect, it } from "vitest";
import type { OpeningHours } from "../../wire/generated";
import { hoursDraft, hoursSave, hoursWrongs, limited } from "./hours";

const OFFICE: OpeningHours = {
  zone: "Europe/Berlin",
  weekly: [
    { day: "mon", from: "09:00", until: "12:00" },
    { day: "mon", from: "13:00", until: "17:30" },
    { day: "sat", from: "22:00", until: "24:00" },
  ],
  closed_on: ["2026-12-25"],
};

describe("opening hours in the form", () => {
  it("are sent as they were read", () => {
    const draft = hoursDraft(OFFICE, "Asia/Tokyo");
    expect(draft.days.mon).toBe("09:00–12:00, 13:00–17:30");
    expect(hoursWrongs(draft)).toEqual({});
    expect(hoursSave(draft)).toEqual(OFFICE);
  });

  it("are always, until somebody wants others, and then those of an office in the reader's zone", () => {
    const draft = hoursDraft(undefined, "Asia/Tokyo");
    expect(draft).toMatchObject({ limited: false, zone: "Asia/Tokyo" });
    expect(hoursSave(draft)).toEqual({ zone: "Asia/Tokyo", weekly: [], closed_on: [] });
    const office = hoursSave(limited(draft, true));
    expect(office.weekly).toHaveLength(5);
    expect(office.weekly[0]).toEqual({ day: "mon", from: "09:00", until: "17:00" });
    const typed = { ...draft, days: { ...draft.days, sun: "10-11" } };
    expect(hoursSave(limited(typed, true)).weekly).toEqual([{ day: "sun", from: "10:00", until: "11:00" }]);
  });

  it.each([
    ["9-17", [["09:00", "17:00"]]],
    ["13:00 – 17.30; 9:00—12h15", [["09:00", "12:15"], ["13:00", "17:30"]]], // prettier-ignore
    ["９：００〜１２：００、１３：００〜０：００", [["09:00", "12:00"], ["13:00", "24:00"]]], // prettier-ignore
    ["0:00-24:00", [["00:00", "24:00"]]],
  ])("%s is read", (typed, spans) => {
    const draft = { ...hoursDraft(undefined, "UTC"), limited: true };
    const days = { ...draft.days, wed: typed };
    expect(hoursWrongs({ ...draft, days })).toEqual({});
    expect(hoursSave({ ...draft, days }).weekly.map(({ from, until }) => [from, until])).toEqual(spans);
  });

  it.each(["9", "17-9", "9-9", "9:60-10", "9-25", "9-12, 11-13", "9-10-11", "ab-cd", "24:01-24:02"])(
    "%s is named",
    (typed) => {
      const draft = { ...hoursDraft(OFFICE, "UTC"), limited: true };
      expect(hoursWrongs({ ...draft, days: { ...draft.days, wed: typed } })).toEqual({ wed: { key: "hours" } });
    },
  );

  it("no hours at all are a mistake, and dates are those of a calendar", () => {
    const draft = { ...hoursDraft(undefined, "UTC"), limited: true };
    expect(hoursWrongs(draft)).toEqual({ mon: { key: "someHours", max: 21 } });
    expect(hoursWrongs({ ...draft, limited: false })).toEqual({});
    const closed = (closedOn: string) => ({ ...hoursDraft(OFFICE, "UTC"), closedOn });
    expect(hoursSave(closed("2027-01-01\n 2026-12-25, 2027-01-01\n")).closed_on).toEqual(["2026-12-25", "2027-01-01"]);
    for (const odd of ["2026-02-30", "25.12.2026", "tomorrow"]) {
      expect(hoursWrongs(closed(odd))).toEqual({ closedOn: { key: "dates", max: 100 } });
    }
  });
});
