import { expect } from "@playwright/test";
import { type Ears, NO_VOICE_DBFS, VOICE_DBFS } from "./ears";
import { PITCH_HZ, type Role } from "./voices";

/** So long is listened for what must not be there. */
const LISTEN_MS = 1500;

type Listener = { ears: Ears };

/** Waits until this one hears exactly these voices; then listens on that the others stay away. */
export async function hears(listener: Listener, voices: readonly Role[], ms = LISTEN_MS): Promise<void> {
  const roles = Object.keys(PITCH_HZ) as Role[];
  await expect
    .poll(async () => {
      const levels = await listener.ears.now(...roles.map((role) => PITCH_HZ[role]));
      return roles.filter((_, i) => (levels[i] ?? 0) > VOICE_DBFS);
    }, { message: "voices that are heard" })
    .toEqual(roles.filter((role) => voices.includes(role)));
  const others = roles.filter((role) => !voices.includes(role));
  const heard = await listener.ears.listen(others.map((role) => PITCH_HZ[role]), ms);
  heard.forEach(({ lasting }, i) => expect(lasting, `${others[i]}’s voice, dBFS`).toBeLessThan(NO_VOICE_DBFS));
}
