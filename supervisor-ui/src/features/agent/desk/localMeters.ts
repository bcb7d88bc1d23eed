import { useEffect } from "react";
import { useLiveStore } from "../../../live/hooks";
import { useStation } from "../../../media/hooks";
import { ReceivedLevel } from "../../../media/received";
import type { CallReading } from "../../../live/meters";
import type { CallView, LegView } from "../../../wire/generated";

const READING_MS = 100;
/** Above this a party counts as speaking, dBFS. */
const SPEECH_DBFS = -45;

/**
 * The readings of a call between two, taken here: what arrives is the other party, what the
 * microphone hears is the agent. `null` where that does not hold; then the server's readings come.
 */
export function localReading(call: CallView, own: LegView, received: number, microphone: number): CallReading | null {
  const others = call.legs.filter((leg) => leg.id !== own.id);
  const [other] = others;
  if (!other || others.length > 1) return null;
  const reading = (leg: string, level: number) => ({ leg, level: Math.round(level), speaking: level > SPEECH_DBFS });
  return { call: call.id, legs: [reading(other.id, received), reading(own.id, own.muted ? -127 : microphone)] };
}

/** Keeps the meters going on a call between two: of those the server tells an agent nothing. */
export function useLocalMeters(call: CallView, own: LegView, here: boolean): void {
  const store = useLiveStore();
  const station = useStation();
  useEffect(() => {
    if (!here) return;
    const received = new ReceivedLevel(() => station.remoteStreams());
    const timer = setInterval(() => {
      const reading = localReading(call, own, received.level(), station.microphone.level());
      if (reading) store.meters.take(store.serverNow(), [reading]);
    }, READING_MS);
    return () => {
      clearInterval(timer);
      received.close();
    };
  }, [call, own, here, store, station]);
}
