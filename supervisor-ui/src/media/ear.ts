import { createChannel } from "../store/store";

/**
 * Tracks that every page asks for, whoever uses it and whether or not anybody supervises: what is spare says
 * nothing. As far as they go round, the server puts one source on each; the first carries mixes, too.
 */
export const TRACKS = 4;

/** The caller's loudness while a supervisor speaks to the agent alone: −6 dB, as the server's mixes have it. */
const DUCKED = 0.5;
const FOLLOW_EVERY_MS = 100;
/** A track on which nothing came for so long is silent. */
const SILENT_AFTER_MS = 400;

/** Plays what the server sends: the tracks of one connection, each by a player of its own. */
export class Ear {
  private readonly players = Array.from({ length: TRACKS }, () => new Audio());
  private receivers: RTCRtpReceiver[] = [];
  private following: ReturnType<typeof setInterval> | undefined;
  private readonly refusals = createChannel<[silenced: boolean]>();
  /** Tells whether the browser plays, or waits for the user to do something. */
  readonly onSilenced = this.refusals.listen;

  constructor() {
    for (const player of this.players) player.autoplay = true;
  }

  /** Offers to receive, and to send on the first track; nothing is sent yet. */
  offer(peer: RTCPeerConnection): RTCRtpSender {
    const first = peer.addTransceiver("audio", { direction: "sendrecv" });
    const further = this.players.slice(1).map(() => peer.addTransceiver("audio", { direction: "recvonly" }));
    const sections = [first, ...further];
    this.receivers = sections.map(({ receiver }) => receiver);
    peer.ontrack = ({ track, transceiver }) => {
      const player = this.players[Math.max(sections.indexOf(transceiver), 0)];
      if (player) player.srcObject = new MediaStream([track]);
      void this.play();
    };
    return first.sender;
  }

  /** The remote sound, for measurements: a stream a track. */
  streams(): MediaStream[] {
    return this.players.flatMap(({ srcObject }) => (srcObject instanceof MediaStream ? [srcObject] : []));
  }

  /** A browser that refuses to play says so at once; without a stream `play` waits, and says nothing. */
  async play(): Promise<void> {
    const playing = this.players.filter(({ srcObject }) => srcObject !== null);
    try {
      await Promise.all((playing.length > 0 ? playing : this.players).map((player) => player.play()));
      this.refusals.emit(false);
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.refusals.emit(true);
    }
  }

  /** Rejects if the browser cannot use the speaker. */
  async chooseSpeaker(deviceId: string | undefined): Promise<void> {
    await Promise.all(this.players.map((player) => player.setSinkId(deviceId ?? "")));
  }

  /** Lowers the first track, which is the caller's, for as long as something comes on another one. */
  duck(wanted: boolean): void {
    clearInterval(this.following);
    this.following = wanted ? setInterval(() => this.follow(), FOLLOW_EVERY_MS) : undefined;
    this.follow(wanted);
  }

  /** Plays nothing any more. */
  drop(): void {
    this.duck(false);
    this.receivers = [];
    for (const player of this.players) player.srcObject = null;
  }

  /** Where everything is mixed on the first track the server has ducked already, and nothing comes on others. */
  private follow(wanted = true): void {
    const [first] = this.players;
    if (first) first.volume = wanted && this.receivers.slice(1).some(isHeard) ? DUCKED : 1;
  }
}

function isHeard(receiver: RTCRtpReceiver): boolean {
  const now = performance.timeOrigin + performance.now();
  return receiver.getSynchronizationSources().some(({ timestamp }) => now - timestamp < SILENT_AFTER_MS);
}
