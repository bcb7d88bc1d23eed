import { expect, it } from "vitest";
import { DEFAULT_THRESHOLDS } from "../model/signs";
import { settingsOf, thresholdsOf } from "./settings";

const kept = (change: object) => JSON.stringify({ muted: [], perHour: 5, thresholds: {}, ...change });

it("thresholds are the supervisor's for a queue or for every one, or the administrator's, or the first ones", () => {
  const chosen = { queue: "sales", signs: { dead_air_s: 10, talk_over_percent: 15, hold_s: 45, help_s: 30 } };
  const own = { ...DEFAULT_THRESHOLDS, holdS: 30 };
  const every = { ...DEFAULT_THRESHOLDS, holdS: 60 };
  const settings = settingsOf(kept({ thresholds: { support: own, "": every } }));
  expect(thresholdsOf(settings, "support", [chosen]).holdS).toBe(30);
  expect(thresholdsOf(settings, "sales", [chosen]).holdS).toBe(60);
  expect(thresholdsOf(settings, undefined, [chosen]).holdS).toBe(60);
  const none = settingsOf(kept({}));
  expect(thresholdsOf(none, "sales", [chosen])).toEqual({ deadAirS: 10, talkOverPercent: 15, holdS: 45, helpS: 30 });
  expect(thresholdsOf(none, "support", [chosen])).toEqual(DEFAULT_THRESHOLDS);
  expect(thresholdsOf(none, undefined, [chosen])).toEqual(DEFAULT_THRESHOLDS);
});

it("what another version kept, or somebody's hand, is taken as far as it is right", () => {
  expect(settingsOf("{").perHour).toBe(20);
  expect(settingsOf(null).muted.size).toBe(0);
  const odd = settingsOf(
    kept({
      muted: ["hold", "agent_voice"],
      perHour: 1e9,
      thresholds: { support: { holdS: 0 }, sales: { ...DEFAULT_THRESHOLDS, talkOverPercent: 101 } },
    }),
  );
  expect([...odd.muted]).toEqual(["hold"]);
  expect(odd.perHour).toBe(20);
  expect(odd.thresholds).toEqual({});
});
