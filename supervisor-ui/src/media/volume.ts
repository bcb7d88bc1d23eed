import { local } from "../browser/storage";

const STORED = "sotto.ring-volume";

/** How loud it may ring, per cent. */
export const RING_VOLUMES = [0, 20, 40, 60, 80, 100] as const;
export type RingVolume = (typeof RING_VOLUMES)[number];

/** How loud it rings at this browser. */
export function ringVolume(): RingVolume {
  const kept = Number(local.get(STORED) ?? "100");
  return RING_VOLUMES.find((volume) => volume === kept) ?? 100;
}

export function setRingVolume(volume: RingVolume): void {
  local.set(STORED, String(volume));
}
