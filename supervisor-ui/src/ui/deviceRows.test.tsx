import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import "../i18n";
import { refreshDevices } from "../media/devices";
import { StationContext } from "../media/hooks";
import type { Microphone } from "../media/microphone";
import { RING, Ringer } from "../media/ringer";
import { Station } from "../media/station";
import { DeviceRows } from "./DeviceRows";

/** What a ringer uses of WebAudio; it remembers where it plays. */
class FakeContext {
  static made: FakeContext[] = [];
  sink = "";
  currentTime = 0;
  destination = {};
  constructor() {
    FakeContext.made.push(this);
  }
  setSinkId(id: string) {
    this.sink = id;
    return Promise.resolve();
  }
  resume = () => Promise.resolve();
  close = () => Promise.resolve();
  createGain = () => ({
    gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined },
    connect: () => undefined,
    disconnect: () => undefined,
  });
  createOscillator = () => ({
    frequency: { value: 0 },
    connect: () => undefined,
    start: () => undefined,
    stop: () => undefined,
  });
}

const SPEAKERS = [
  { kind: "audiooutput", deviceId: "desk", label: "Desk speaker" },
  { kind: "audiooutput", deviceId: "headset", label: "Headset" },
];
const setSinkId = vi.fn<(id: string) => Promise<void>>(() => Promise.resolve());

beforeEach(async () => {
  localStorage.clear();
  FakeContext.made = [];
  setSinkId.mockClear();
  vi.stubGlobal("AudioContext", FakeContext);
  Object.assign(HTMLMediaElement.prototype, { setSinkId });
  Object.assign(navigator, {
    mediaDevices: Object.assign(new EventTarget(), { enumerateDevices: () => Promise.resolve(SPEAKERS) }),
  });
  await refreshDevices();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show() {
  const station = new Station({} as never, {} as unknown as Microphone);
  render(
    <StationContext value={station}>
      <DeviceRows />
    </StationContext>,
  );
  const choose = (label: string) => userEvent.selectOptions(screen.getByRole("combobox", { name: "Speaker" }), label);
  return { station, choose };
}

it("another speaker is that of whatever rings, too, and of the next that is made", async () => {
  const { station, choose } = show();
  const ringer = new Ringer(station.view);
  ringer.start(RING);
  const [context] = FakeContext.made;
  expect(context?.sink).toBe("");
  await choose("Headset");
  expect(setSinkId).toHaveBeenCalledWith("headset");
  expect(context?.sink).toBe("headset");
  await choose("System default");
  expect(context?.sink).toBe("");
  await choose("Desk speaker");
  new Ringer(station.view).once(RING);
  expect(FakeContext.made.map(({ sink }) => sink)).toEqual(["desk", "desk"]);
  ringer.close();
  await choose("Headset");
  expect(context?.sink).toBe("desk");
});

it("a speaker that the browser refuses rings no more than it speaks", async () => {
  const { station, choose } = show();
  const ringer = new Ringer(station.view);
  ringer.start(RING);
  setSinkId.mockRejectedValueOnce(new Error("gone"));
  await choose("Headset");
  expect(station.view.get().speakerId).toBeUndefined();
  expect(FakeContext.made[0]?.sink).toBe("");
  ringer.close();
});
