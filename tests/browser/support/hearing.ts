import { expect } from "@playwright/test";
import { type Ears, NO_VOICE_DBFS, VOICE_DBFS } from "./ears";
import { PITCH_HZ, type Role } from "./voices";

/** So long is listened for what must not be there. */
const LISTEN_MS = 1500;
/** And so long for what must be there. */
const MOMENT_MS = 400;

type Listener = { ears: Ears };

/** Waits until this one hears exactly these voices; then listens on that the others stay away. */
export async function hears(listener: Listener, voices: readonly Role[], ms = LISTEN_MS): Promise<void> {
  const roles = Object.keys(PITCH_HZ) as Role[];
  await expect
    .poll(
      async () => {
        const levels = await listener.ears.listen(
          roles.map((role) => PITCH_HZ[role]),
          MOMENT_MS,
        );
        const heard = roles
          .map((role, i) => ({ role, level: levels[i]?.lasting ?? 0 }))
          .filter(({ level }) => level > NO_VOICE_DBFS);
        return heard.map(({ role, level }) => (level > VOICE_DBFS ? role : `${role}, faint`));
      },
      { message: "voices that are heard", intervals: [0] },
    )
    .toEqual(roles.filter((role) => voices.includes(role)));
  if (ms === 0) return;
  const others = roles.filter((role) => !voices.includes(role));
  const heard = await listener.ears.listen(
    others.map((role) => PITCH_HZ[role]),
    ms,
  );
  heard.forEach(({ lasting }, i) => expect(lasting, `${others[i]}’s voice, dBFS`).toBeLessThan(NO_VOICE_DBFS));
}
