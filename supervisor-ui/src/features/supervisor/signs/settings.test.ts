import { expect, it } from "vitest";
import { DEFAULT_THRESHOLDS } from "../model/signs";
import { settingsOf, thresholdsOf } from "./settings";

const kept = (change: object) => JSON.stringify({ muted: [], perHour: 5, thresholds: {}, ...change });

it("a queue has its own thresholds, or those of every queue, or the first ones", () => {
  const own = { ...DEFAULT_THRESHOLDS, holdS: 30 };
  const every = { ...DEFAULT_THRESHOLDS, holdS: 60 };
  const settings = settingsOf(kept({ thresholds: { support: own, "": every } }));
  expect(thresholdsOf(settings, "support").holdS).toBe(30);
  expect(thresholdsOf(settings, "sales").holdS).toBe(60);
  expect(thresholdsOf(settings, undefined).holdS).toBe(60);
  expect(thresholdsOf(settingsOf(kept({})), "sales")).toEqual(DEFAULT_THRESHOLDS);
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
