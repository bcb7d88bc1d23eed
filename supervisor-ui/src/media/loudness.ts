/**
 * How loud a voice is while it speaks, and how far a coach is raised or lowered to stand beside the caller: what the
 * server does where it mixes (crates/mixer/src/loudness.rs), for voices that come apart. A level is a mean square
 * against full scale.
 */

/** The mean is over some 3 s of speech; so much of it says how loud somebody is. */
const MEAN_S = 1.5;
const MEAN_MIN_S = 0.4;
/** It is speech above −55 dBov, and 9 dB above the noise between words. */
const SPEECH_POWER_MIN = 10 ** -5.5;
const SPEECH_OVER_FLOOR = 8;
/** The floor goes half the way to a quieter piece at once, and up by 3 dB a second. */
const FLOOR_FALL = 0.5;
const FLOOR_RISE_DB_PER_S = 3;
const FLOOR_POWER_MIN = 1e-8;
/** What the caller is taken for until they have spoken: −26 dBov. */
const NOMINAL_POWER = 10 ** -2.6;
/** A coach is raised or lowered by no more than this, and no faster, in seconds of speech. */
const MATCH_DB_MAX = 12;
const RISE_DB_PER_S = 6;
const FALL_DB_PER_S = 12;

/** The loudness of one voice. */
export class Loudness {
  private mean = 0;
  private spokenS = 0;
  private floor: number | null = null;

  /** Takes the level of the next so many seconds; whether that is speech. */
  hear(power: number, seconds: number): boolean {
    const before = this.floor ?? power;
    const floor =
      power < before
        ? before + (power - before) * FLOOR_FALL
        : Math.min(before * 10 ** ((FLOOR_RISE_DB_PER_S * seconds) / 10), power);
    this.floor = Math.max(floor, FLOOR_POWER_MIN);
    const isSpeech = power > SPEECH_POWER_MIN && power > this.floor * SPEECH_OVER_FLOOR;
    if (isSpeech) {
      this.spokenS = Math.min(this.spokenS + seconds, MEAN_S);
      this.mean += ((power - this.mean) * seconds) / this.spokenS;
    }
    return isSpeech;
  }

  /** The level of its speech; `null` until enough was heard of it. */
  power(): number | null {
    // So many pieces add up to a little less in binary.
    return this.spokenS > MEAN_MIN_S - 1e-6 ? this.mean : null;
  }
}

/** What a coach is raised by, dB. */
export class MatchGain {
  db = 0;

  /** Goes on towards the caller's loudness while the coach has spoken for so many seconds more. */
  follow(coach: Loudness, callers: number | null, seconds: number): void {
    const power = coach.power();
    if (power === null) return;
    const goal = 10 * Math.log10((callers ?? NOMINAL_POWER) / power);
    const way = clamp(goal, -MATCH_DB_MAX, MATCH_DB_MAX) - this.db;
    this.db += clamp(way, -FALL_DB_PER_S * seconds, RISE_DB_PER_S * seconds);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
