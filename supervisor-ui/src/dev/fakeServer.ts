import type { CallMeters, CallView, Envelope, LegState, LegUpdate } from "../wire/generated";
import { ME, someAgents, someCalls } from "./calls";

/**
 * A server inside the page, for looking at the pages without one: `?fixture=live`, with `,help`,
 * `,empty`, `,slow` (grants nothing) or `,out` (nobody signed in). Never part of a build.
 */
export function installFakeServer(): void {
  const options = new Set((new URLSearchParams(location.search).get("fixture") ?? "").split(","));
  const server = new FakeServer(options);
  window.fetch = (input, init) => server.fetch(String(input), init);
  window.WebSocket = server.socketClass() as unknown as typeof WebSocket;
  window.RTCPeerConnection = FakePeer as unknown as typeof RTCPeerConnection;
}

class FakeServer {
  private calls: Map<string, CallView>;
  private seq = 0;
  private emit: ((envelope: Envelope) => void) | null = null;
  private close: (() => void) | null = null;
  private down = false;

  constructor(private readonly options: ReadonlySet<string>) {
    const calls = options.has("empty") ? [] : someCalls(Date.now(), options.has("help"));
    this.calls = new Map(calls.map((call) => [call.id, call]));
    Object.assign(window, { fakeServer: this });
  }

  /** For the console: the connection goes, and does not come back until called again. */
  toggle(): void {
    this.down = !this.down;
    if (this.down) this.close?.();
  }

  end(id: string): void {
    const call = this.calls.get(id);
    if (!call) return;
    this.calls.delete(id);
    this.send({ type: "call.ended", call: { ...call, state: "ended", end_reason: "agent" } });
  }

  async fetch(url: string, init?: RequestInit): Promise<Response> {
    const path = url.replace("/api/v1", "");
    const method = init?.method ?? "GET";
    await new Promise((resolve) => setTimeout(resolve, 40));
    if (this.down) throw new TypeError("down");
    if (path === "/me") return this.options.has("out") ? new Response("", { status: 401 }) : Response.json(ME);
    if (path === "/login") return Response.json({ token: "", expires_at: 0, user: ME });
    if (path === "/stations") return new Response("v=0", { status: 201, headers: { Location: "/api/v1/stations/s1" } });
    const match = /^\/calls\/(\w+)\/legs(?:\/(\w+))?$/.exec(path);
    const call = match?.[1] === undefined ? undefined : this.calls.get(match[1]);
    if (call) return this.leg(call, method, init?.body as string | null);
    return new Response(null, { status: 204 });
  }

  private leg(call: CallView, method: string, body: string | null): Response {
    const others = call.legs.filter((leg) => leg.id !== "9");
    const revision = (call.revision ?? 0) + 1;
    if (this.options.has("slow") && method === "PUT") return Response.json({ leg: "9", revision: revision + 100 });
    if (method === "DELETE") {
      const { own_leg: _, ...rest } = call;
      const leg = call.legs.find((known) => known.id === "9");
      if (leg)
        this.change({ ...rest, legs: others, revision }, (next) => ({ type: "supervision.ended", call: next, leg }));
      return new Response(null, { status: 204 });
    }
    const mode = method === "POST" ? "listen" : ((JSON.parse(body ?? "{}") as LegUpdate).mode ?? "listen");
    const leg = {
      id: "9",
      user: ME.id,
      name: ME.name,
      role: "supervisor" as const,
      mode,
      coach: "2",
      mode_since: Date.now(),
      muted: false,
      lost: false,
      joined_at: Date.now(),
    };
    const next = { ...call, legs: [...others, leg], own_leg: "9", revision };
    this.change(next, (changed) => ({ type: "supervision.started", call: changed, leg }));
    const answer: LegState = { leg: "9", mode, revision };
    return Response.json(answer, { status: method === "POST" ? 201 : 200 });
  }

  private change(call: CallView, event: (call: CallView) => object): void {
    this.calls.set(call.id, call);
    this.send(event(call));
  }

  private send(event: object): void {
    this.seq += 1;
    this.emit?.({ ...event, at: Date.now(), seq: this.seq } as Envelope);
  }

  socketClass() {
    const server = this;
    return class {
      onopen: (() => void) | null = null;
      onmessage: ((message: { data: string }) => void) | null = null;
      onclose: (() => void) | null = null;
      private timer: ReturnType<typeof setInterval> | undefined;
      constructor() {
        setTimeout(() => this.begin(), 20);
      }
      close() {
        clearInterval(this.timer);
      }
      private begin() {
        if (server.down) return this.onclose?.();
        this.onopen?.();
        server.emit = (envelope) => this.onmessage?.({ data: JSON.stringify(envelope) });
        server.close = () => this.onclose?.();
        server.seq = 0;
        const now = Date.now();
        const snapshot = {
          type: "snapshot",
          me: ME,
          calls: [...server.calls.values()],
          agents: someAgents(now, server.options.has("empty")),
          policy: { notify_agent_on_listen: false },
        };
        server.emit({ ...snapshot, at: now, seq: 0 } as Envelope);
        for (let at = now - 180_000; at < now; at += 100) server.emit({ type: "meters", at, calls: server.meters(at) });
        this.timer = setInterval(
          () => server.emit?.({ type: "meters", at: Date.now(), calls: server.meters(Date.now()) }),
          100,
        );
      }
    };
  }

  private meters(at: number): CallMeters[] {
    return [...this.calls.values()]
      .filter((call) => call.state === "active")
      .map((call, index) => ({
        call: call.id,
        legs: call.legs.map((leg, lane) => {
          const speaking =
            leg.role === "supervisor" ? audible(leg.mode) && talks(at, 7, 0) : !call.held && talks(at, index, lane);
          return speaking ? 128 + Math.round(-32 + 16 * Math.sin(at / 180 + lane) * Math.sin(at / 71)) : -70;
        }),
      }));
  }
}

function audible(mode: string | undefined): boolean {
  return mode !== undefined && mode !== "listen";
}

/** Turns of some seconds, with pauses and now and then an overlap. */
function talks(at: number, call: number, lane: number): boolean {
  const phase = Math.sin(at / 4100 + call * 1.7) + 0.6 * Math.sin(at / 2300 + call);
  const pause = Math.sin(at / 900 + call + lane) > 0.85;
  return !pause && (lane === 0 ? phase > 0.05 : phase < -0.02 + 0.15 * Math.sin(at / 17_000));
}

class FakePeer extends EventTarget {
  connectionState = "connected";
  signalingState = "stable";
  localDescription = { sdp: "v=0" };
  private sending = false;
  private sent = 0;
  addTransceiver() {
    return { sender: { replaceTrack: (track: unknown) => Promise.resolve((this.sending = track !== null)) } };
  }
  setLocalDescription() {
    return Promise.resolve();
  }
  setRemoteDescription() {
    return Promise.resolve();
  }
  close() {}
  getStats() {
    if (this.sending) this.sent += 50;
    return Promise.resolve(
      new Map<string, object>([
        ["o", { type: "outbound-rtp", packetsSent: this.sent }],
        ["i", { type: "inbound-rtp", packetsReceived: 5000, packetsLost: 0, jitter: 0.003 }],
        ["p", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.028 }],
      ]),
    );
  }
}
