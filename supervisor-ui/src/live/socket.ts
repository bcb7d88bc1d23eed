import { API_ROOT } from "../api/http";
import type { Reader, StreamMessage } from "../wire/stream";

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5000;
/** After a message that could not be read the server is not asked at once again: it may well say the same. */
const UNPARSEABLE_ATTEMPTS = 3;
/** A server that has not sent its snapshot by then is tried anew. */
const SNAPSHOT_TIMEOUT_MS = 5000;

/** Why the stream ended: it is tried again, unless the session is over. */
export type SocketEnd = "lost" | "signed_out";

export interface EventSocketConfig {
  /** The customers' pages know other words than the staff's. */
  read: Reader;
  onMessage: (envelope: StreamMessage) => void;
  onEnd: (end: SocketEnd) => void;
  /** Whether the session still holds; asked when the stream could not be opened. */
  stillSignedIn: () => Promise<boolean>;
  /** A guest's token; without one it is the cookie that counts. */
  token?: string;
}

/** `GET /events`, opened again and again with back-off until closed. Each opening brings a snapshot. */
export class EventSocket {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private closed = false;

  constructor(private readonly config: EventSocketConfig) {
    window.addEventListener("offline", this.dropNow);
    window.addEventListener("online", this.retry);
    this.connect();
  }

  close(): void {
    this.closed = true;
    window.removeEventListener("offline", this.dropNow);
    window.removeEventListener("online", this.retry);
    this.abandon();
  }

  /** Drops what there is and connects at once. */
  retryNow(): void {
    if (this.closed) return;
    this.dropNow();
    this.attempts = 0;
    this.connect();
  }

  private readonly retry = (): void => this.retryNow();

  private readonly dropNow = (): void => {
    this.abandon();
    this.config.onEnd("lost");
    if (!this.closed) this.retryLater();
  };

  private connect(): void {
    this.abandon();
    const url = new URL(`${API_ROOT}/events`, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const { token } = this.config;
    // A page can send no header of its own here, and what stands in a URL gets logged.
    const socket = token === undefined ? new WebSocket(url) : new WebSocket(url, ["sotto", `sotto.bearer.${token}`]);
    this.socket = socket;
    this.timer = setTimeout(() => this.dropNow(), SNAPSHOT_TIMEOUT_MS);
    let opened = false;
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      const envelope = this.read(message.data);
      if (envelope === null) return;
      if (envelope.type === "snapshot") {
        clearTimeout(this.timer);
        this.attempts = 0;
      }
      this.config.onMessage(envelope);
    };
    socket.onclose = () => void this.lost(socket, opened);
  }

  /** What is not what was agreed on is no base to go on from: it is reported, and a fresh snapshot is asked for. */
  private read(text: string): StreamMessage | null {
    try {
      return this.config.read(text);
    } catch (error) {
      reportError(error);
      this.attempts = Math.max(this.attempts, UNPARSEABLE_ATTEMPTS);
      this.dropNow();
      return null;
    }
  }

  private async lost(socket: WebSocket, opened: boolean): Promise<void> {
    if (socket !== this.socket) return;
    this.abandon();
    this.config.onEnd("lost");
    if (!opened && !(await this.config.stillSignedIn())) {
      this.closed = true;
      this.config.onEnd("signed_out");
      return;
    }
    if (!this.closed && this.socket === null) this.retryLater();
  }

  private retryLater(): void {
    const delay = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    clearTimeout(this.timer);
    // Half of it by chance, so that a restarted server is not met by everybody at once.
    this.timer = setTimeout(() => this.connect(), delay * (0.5 + Math.random() / 2));
  }

  private abandon(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
