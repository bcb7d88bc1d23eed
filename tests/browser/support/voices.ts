import { writeFileSync } from "node:fs";

const RATE_HZ = 48_000;
const STEADY_S = 2;
const LEVEL = 0.35;
/** Syllables a second. A steady tone would be taken for noise by the browser's voice processing. */
const SYLLABLES_HZ = 4;
/** How far the level falls between syllables: never to silence, so that a voice can always be heard. */
const DEPTH = 0.6;

/** Each role speaks at a pitch of its own; none is near a multiple of another, or of a tone of the server. */
export const PITCH_HZ = { caller: 500, agent: 730, supervisor: 1230 } as const;
export type Role = keyof typeof PITCH_HZ;
/** The server's own tones, by its defaults. */
export const BEEP_HZ = 880;
export const BARGE_TONE_HZ = 620;

/** Speaks without a pause, so that silence means something; or in turns, as people do. */
export type Manner = "steady" | "turns";
const TURNS_S = 16;
/** From when to when, s. */
const TURNS: Record<Role, readonly (readonly [number, number])[]> = {
  caller: [
    [0, 1.8],
    [2.2, 3.6],
    [8, 9.1],
    [9.4, 11.2],
  ],
  agent: [
    [4.6, 6.2],
    [6.5, 7.4],
    [12, 13.1],
    [13.4, 15.2],
  ],
  supervisor: [
    [0, 2.2],
    [2.8, 4.9],
    [6, 7.1],
    [8, 11.3],
    [12.4, 15],
  ],
};

/** Writes a voice as a WAV file that loops without a seam. */
export function writeVoice(path: string, role: Role, manner: Manner): void {
  const samples = new Int16Array(RATE_HZ * (manner === "turns" ? TURNS_S : STEADY_S));
  for (let i = 0; i < samples.length; i += 1) {
    const t = i / RATE_HZ;
    const syllable = 1 - DEPTH * (0.5 + 0.5 * Math.cos(2 * Math.PI * SYLLABLES_HZ * t));
    const speaks = manner === "steady" || TURNS[role].some(([from, to]) => t >= from && t < to);
    samples[i] = Math.round(32_767 * LEVEL * (speaks ? 1 : 0) * syllable * Math.sin(2 * Math.PI * PITCH_HZ[role] * t));
  }
  const data = Buffer.from(samples.buffer);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([header, data]));
}
