import { createChannel } from "../store/store";
import type { Placement } from "./placement";

/**
 * Tracks that every page asks for, whoever uses it and whether or not anybody supervises: what is spare says
 * nothing. As far as they go round, the server puts one source on each; the first carries mixes, too.
 */
export const TRACKS = 4;

/** Plays what the server sends: the tracks of one connection, each by a player of its own. */
export class Ear {
  private readonly players = Array.from({ length: TRACKS }, () => new Audio());
  private receivers: RTCRtpReceiver[] = [];
  private ducks = false;
  private speaker = "";
  /** Loaded once it is needed. */
  private placement: Placement | undefined;
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
      this.placement?.arrived();
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
    this.placement?.resume();
  }

  /** Rejects if the browser cannot use the speaker. */
  async chooseSpeaker(deviceId = ""): Promise<void> {
    this.speaker = deviceId;
    await Promise.all(this.players.map((player) => player.setSinkId(deviceId)));
    await this.placement?.chooseSpeaker(deviceId);
  }

  /** Makes room for others on the first track, which is the caller's, for as long as something comes on another one. */
  duck(wanted: boolean): void {
    this.ducks = wanted;
    const placed = import("./placement").then(({ Placement }) => {
      this.placement ??= new Placement(this.players, this.speaker);
      this.placement.follow(this.ducks ? this.receivers : []);
    });
    // The server is not to be reached: there is nothing to place.
    placed.catch(() => undefined);
  }

  /** Plays nothing any more. */
  drop(): void {
    this.ducks = false;
    this.placement?.follow([]);
    this.receivers = [];
    for (const player of this.players) player.srcObject = null;
  }
}
