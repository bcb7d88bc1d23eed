import { refreshDevices } from "./devices";

/** Whether the page may use the microphone, as far as the browser tells. */
export type Permission = "granted" | "unknown" | "denied";

/** Captures one microphone while it is needed, and not a moment longer. */
export class Microphone {
  private stream: MediaStream | null = null;
  private opening: Promise<MediaStreamTrack> | null = null;
  private context: AudioContext | null = null;
  private analyser: AnalyserNode | null = null;
  private samples = new Float32Array(1024);
  /** Chosen device; undefined: the system's default. */
  deviceId: string | undefined;
  /** The device went away while it was in use, or it was the system's default and is no longer. */
  onGone: () => void = () => undefined;
  /** The device was muted, or unmuted, outside of this page. */
  onMuted: (muted: boolean) => void = () => undefined;

  /** The system's default when it was captured, where the browser tells. */
  private standard: string | null = null;

  /** `processed`: echo cancellation, noise suppression and gain control. Off only for measurements. */
  constructor(private readonly processed = true) {}

  /** The live track. Asks the user on first use. Rejects without a microphone or permission. */
  open(): Promise<MediaStreamTrack> {
    this.opening ??= this.capture().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  /** Ends the capture: the system's recording sign goes out. */
  close(): void {
    const opening = this.opening;
    this.opening = null;
    this.silence();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    if (this.stream === null) this.onMuted(false);
    this.analyser?.disconnect();
    this.analyser = null;
    // A capture that was still under way ends the moment it begins.
    opening?.then((track) => track.stop()).catch(() => undefined);
  }

  /** Takes effect at once: what is still attached somewhere sends silence. */
  silence(): void {
    this.stream?.getTracks().forEach((track) => (track.enabled = false));
  }

  /** Level of what is captured, dBFS; −127 when nothing is. */
  level(): number {
    if (!this.analyser) return -127;
    this.analyser.getFloatTimeDomainData(this.samples);
    return dbfs(this.samples);
  }

  async permission(): Promise<Permission> {
    try {
      const status = await navigator.permissions.query({ name: "microphone" });
      return status.state === "prompt" ? "unknown" : status.state;
    } catch {
      return "unknown";
    }
  }

  private async capture(): Promise<MediaStreamTrack> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: this.constraints() });
    const track = stream.getAudioTracks()[0];
    if (!track) throw new DOMException("no audio track", "NotFoundError");
    this.stream = stream;
    track.addEventListener("ended", () => stream === this.stream && this.onGone());
    track.addEventListener("mute", () => stream === this.stream && this.onMuted(true));
    track.addEventListener("unmute", () => {
      if (stream !== this.stream) return;
      this.onMuted(false);
      // A telephone call that came in between has stopped it (iOS).
      void this.context?.resume();
    });
    this.onMuted(track.muted);
    // Devices have names only once one of them was allowed.
    void refreshDevices();
    void this.followStandard(stream);
    this.context ??= new AudioContext();
    void this.context.resume();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    return track;
  }

  /** Who has chosen no device takes what the system takes: a headset that is plugged in during a call. */
  private async followStandard(stream: MediaStream): Promise<void> {
    this.standard = await standardMicrophone();
    const look = async () => {
      if (stream !== this.stream) {
        navigator.mediaDevices.removeEventListener("devicechange", changed);
        return;
      }
      const standard = await standardMicrophone();
      const isOther = standard !== null && this.standard !== null && standard !== this.standard;
      if (isOther && this.deviceId === undefined && stream === this.stream) this.onGone();
      this.standard = standard;
    };
    const changed = () => void look();
    navigator.mediaDevices.addEventListener("devicechange", changed);
  }

  private constraints(): MediaTrackConstraints {
    const processed = this.processed;
    const base = { echoCancellation: processed, noiseSuppression: processed, autoGainControl: processed };
    return this.deviceId === undefined ? base : { ...base, deviceId: { ideal: this.deviceId } };
  }
}

/** What "default" stands for at the moment, as Chromium lists it; null: not told. */
async function standardMicrophone(): Promise<string | null> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const standard = all.find(({ kind, deviceId }) => kind === "audioinput" && deviceId === "default");
  return standard?.groupId ?? null;
}

/** RMS level of samples in −1 … 1, in dBFS of a sine (0 … −127). */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return -127;
  return Math.max(-127, 10 * Math.log10((2 * sum) / samples.length));
}
