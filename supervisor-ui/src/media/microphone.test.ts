import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Microphone } from "./microphone";

const devices = Object.assign(new EventTarget(), {
  standard: "built-in",
  enumerateDevices: () =>
    Promise.resolve([{ kind: "audioinput", deviceId: "default", groupId: devices.standard, label: "" }]),
  getUserMedia: () => {
    const track = Object.assign(new EventTarget(), { muted: false, enabled: true, stop: () => undefined });
    return Promise.resolve({ getAudioTracks: () => [track], getTracks: () => [track] });
  },
});

class FakeContext {
  createAnalyser = () => ({ fftSize: 0, disconnect: () => undefined });
  createMediaStreamSource = () => ({ connect: () => undefined });
  resume = () => Promise.resolve();
}

beforeEach(() => {
  devices.standard = "built-in";
  vi.stubGlobal("navigator", { mediaDevices: devices });
  vi.stubGlobal("AudioContext", FakeContext);
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve));

/** One that is captured; how often it was told that its device is no longer the one. */
async function captured(deviceId?: string) {
  const microphone = new Microphone();
  microphone.deviceId = deviceId;
  const gone = vi.fn();
  microphone.onGone = gone;
  await microphone.open();
  await settled();
  return { microphone, gone };
}

async function plugIn(device: string) {
  devices.standard = device;
  devices.dispatchEvent(new Event("devicechange"));
  await settled();
}

it("follows the system's default while nothing was chosen", async () => {
  const { gone } = await captured();
  await plugIn("built-in");
  expect(gone).not.toHaveBeenCalled();
  await plugIn("headset");
  expect(gone).toHaveBeenCalledOnce();
});

it("stays with a device that was chosen, and follows nothing once it is closed", async () => {
  const chosen = await captured("a headset");
  await plugIn("another");
  expect(chosen.gone).not.toHaveBeenCalled();
  const { microphone, gone } = await captured();
  microphone.close();
  await plugIn("headset");
  expect(gone).not.toHaveBeenCalled();
});
