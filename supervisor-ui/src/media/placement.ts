import { Balance } from "./balance";
import { ears } from "./ears";
import { canSplit, Panorama } from "./panorama";

/** The caller's loudness while a supervisor speaks to the agent alone: −6 dB, as the server's mixes have it. */
const DUCKED = 0.5;
const FOLLOW_EVERY_MS = 100;
/** A track on which nothing came for so long is silent. */
const SILENT_AFTER_MS = 400;
const [LEFT, MIDDLE, RIGHT] = [-1, 0, 1];

/**
 * Where tracks are heard, and how loud. While somebody coaches, and something comes on another track, the first one
 * is the caller's: it is lowered, whoever coaches is brought to the loudness that it had, and both get ears of their
 * own, if that was chosen.
 */
export class Placement {
  private receivers: readonly RTCRtpReceiver[] = [];
  private following: ReturnType<typeof setInterval> | undefined;
  private balance = new Balance(0);
  private panorama: Panorama | null = null;

  constructor(
    private readonly players: readonly HTMLAudioElement[],
    private speaker: string,
  ) {}

  /** Somebody coaches the user, who hears this, or nobody: it is empty. The ears are used as is chosen by then. */
  follow(receivers: readonly RTCRtpReceiver[]): void {
    clearInterval(this.following);
    this.receivers = receivers;
    this.balance = new Balance(receivers.length);
    this.following = receivers.length > 0 ? setInterval(() => void this.hear(), FOLLOW_EVERY_MS) : undefined;
    this.split(receivers.length > 0 && ears() === "split" && canSplit());
    this.place();
  }

  /** There is something else to play. */
  arrived(): void {
    this.players.forEach(({ srcObject }, track) => {
      if (srcObject instanceof MediaStream) this.panorama?.play(track, srcObject);
    });
    this.place();
  }

  /** Browsers play only after the user did something: call this from a click or key. */
  resume(): void {
    this.panorama?.resume();
  }

  /** Rejects if the browser cannot use the speaker. */
  async chooseSpeaker(deviceId: string): Promise<void> {
    this.speaker = deviceId;
    await this.panorama?.chooseSpeaker(deviceId);
  }

  private split(wanted: boolean): void {
    if (wanted === (this.panorama !== null)) return;
    this.panorama?.close();
    this.panorama = wanted ? new Panorama() : null;
    for (const player of this.players) player.muted = wanted;
    // A speaker that is gone leaves the system's.
    void this.panorama?.chooseSpeaker(this.speaker).catch(() => undefined);
    this.arrived();
    this.resume();
  }

  private async hear(): Promise<void> {
    const { following } = this;
    if (this.isApart()) await this.balance.hear(this.receivers);
    // Somebody else coaches by now, or nobody.
    if (following === this.following) this.place();
  }

  /** Where everything is mixed on the first track the server has placed it, and nothing comes on others. */
  private isApart(): boolean {
    return this.receivers.slice(1).some(isHeard);
  }

  private place(): void {
    const apart = this.isApart();
    const raised = (track: number) => (apart ? 10 ** (this.balance.raisedDb(track) / 20) : 1);
    const gains = this.players.map((_, track) => (track === 0 && apart ? DUCKED : raised(track)));
    // A player is at its loudest at 1: what would be louder makes the others quieter.
    const most = Math.max(...gains, 1);
    this.players.forEach((player, track) => {
      const gain = gains[track] ?? 1;
      if (this.panorama) this.panorama.place(track, apart ? (track === 0 ? LEFT : RIGHT) : MIDDLE, gain);
      else player.volume = gain / most;
    });
  }
}

function isHeard(receiver: RTCRtpReceiver): boolean {
  const now = performance.timeOrigin + performance.now();
  return receiver.getSynchronizationSources().some(({ timestamp }) => now - timestamp < SILENT_AFTER_MS);
}
