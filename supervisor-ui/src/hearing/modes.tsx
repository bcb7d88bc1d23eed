import { Ear, Megaphone, MicOff, Replace, Speech, WifiOff, type LucideIcon } from "lucide-react";
import type { Mode } from "../wire/generated";

/** A mode's icon: the same everywhere. */
export const MODE_ICONS: Record<Mode | "off" | "lost", LucideIcon> = {
  off: MicOff,
  listen: Ear,
  whisper: Speech,
  barge: Megaphone,
  take_over: Replace,
  lost: WifiOff,
};
