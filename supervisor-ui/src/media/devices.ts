import { createStore } from "../store/store";
import { useStore } from "../store/useStore";

export interface DeviceChoice {
  id: string;
  /** Empty until the user has allowed the microphone once. */
  label: string;
}

export interface DeviceList {
  readonly inputs: readonly DeviceChoice[];
  readonly outputs: readonly DeviceChoice[];
}

/** The machine's microphones and speakers, kept up to date while somebody looks. */
const list = createStore<DeviceList>(
  { inputs: [], outputs: [] },
  {
    whileHeard() {
      const refresh = () => void refreshDevices();
      navigator.mediaDevices?.addEventListener("devicechange", refresh);
      refresh();
      return () => navigator.mediaDevices?.removeEventListener("devicechange", refresh);
    },
  },
);

/** Labels come with the permission: call this once it was given. */
export async function refreshDevices(): Promise<void> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind: MediaDeviceKind): DeviceChoice[] =>
    all.filter((d) => d.kind === kind && d.deviceId !== "").map((d) => ({ id: d.deviceId, label: d.label }));
  list.set({ inputs: of("audioinput"), outputs: of("audiooutput") });
}

export function useDevices(): DeviceList {
  return useStore(list);
}
