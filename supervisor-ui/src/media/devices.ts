import { useSyncExternalStore } from "react";

export interface DeviceChoice {
  id: string;
  /** Empty until the user has allowed the microphone once. */
  label: string;
}

export interface DeviceList {
  readonly inputs: readonly DeviceChoice[];
  readonly outputs: readonly DeviceChoice[];
}

/** The machine's microphones and speakers, kept up to date. */
class Devices {
  private list: DeviceList = { inputs: [], outputs: [] };
  private readonly listeners = new Set<() => void>();

  getList = (): DeviceList => this.list;

  subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) {
      navigator.mediaDevices?.addEventListener("devicechange", this.refresh);
      void this.refresh();
    }
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) navigator.mediaDevices?.removeEventListener("devicechange", this.refresh);
    };
  };

  /** Labels come with the permission: call this once it was given. */
  refresh = async (): Promise<void> => {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (kind: MediaDeviceKind): DeviceChoice[] =>
      all.filter((d) => d.kind === kind && d.deviceId !== "").map((d) => ({ id: d.deviceId, label: d.label }));
    this.list = { inputs: of("audioinput"), outputs: of("audiooutput") };
    this.listeners.forEach((listener) => listener());
  };
}

export const devices = new Devices();

export function useDevices(): DeviceList {
  return useSyncExternalStore(devices.subscribe, devices.getList);
}
