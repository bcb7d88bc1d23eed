import { describe, expect, it } from "vitest";
import { Loudness, MatchGain } from "./loudness";

const power = (dbov: number) => 10 ** (dbov / 10);
/** Piece `n` of 100 ms: two words, a pause. */
const talk = (n: number, dbov: number, noise = -80) => power(noise) + (n % 5 < 4 ? power(dbov) : 0);

function gain(pieces: number, caller: number, coach: number): number[] {
  const [callers, coaches, gain] = [new Loudness(), new Loudness(), new MatchGain()];
  return Array.from({ length: pieces }, (_, n) => {
    callers.hear(talk(n, caller), 0.1);
    if (coaches.hear(talk(n + 2, coach), 0.1)) gain.follow(coaches, callers.power(), 0.1);
    return gain.db;
  });
}

describe("loudness", () => {
  it.each([
    [-26, -80],
    [-26, -45],
    [-40, -60],
  ])("is that of the speech: %i dBov over %i", (dbov, noise) => {
    const loudness = new Loudness();
    for (let n = 0; n < 100; n++) loudness.hear(talk(n, dbov, noise), 0.1);
    expect(10 * Math.log10(loudness.power() ?? 0)).toBeCloseTo(dbov, 0);
    for (let n = 0; n < 600; n++) loudness.hear(power(noise), 0.1);
    expect(10 * Math.log10(loudness.power() ?? 0)).toBeCloseTo(dbov, 0);
  });

  it("is not known of noise, nor after a word", () => {
    const [noise, word] = [new Loudness(), new Loudness()];
    for (let n = 0; n < 600; n++) noise.hear(power(-40), 0.1);
    for (let n = 0; n < 4; n++) word.hear(n === 0 ? power(-80) : power(-26), 0.1);
    expect(noise.power()).toBeNull();
    expect(word.power()).toBeNull();
  });
});

describe("a coach", () => {
  it.each([
    [-26, -26, 0],
    [-26, -34, 8],
    [-34, -26, -8],
    [-20, -45, 12],
    [-45, -12, -12],
  ])("comes to the caller's loudness: %i and %i dBov", (caller, coach, wanted) => {
    const gains = gain(100, caller, coach);
    expect(Math.abs((gains.at(-1) ?? 99) - wanted)).toBeLessThan(1);
    gains.slice(1).forEach((db, n) => {
      const step = db - (gains[n] ?? 0);
      expect(step).toBeLessThan(0.61);
      expect(step).toBeGreaterThan(-1.21);
    });
  });
});
