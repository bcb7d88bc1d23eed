import type {
  AddNote,
  AttachStation,
  CallView,
  ConferenceRequest,
  ConsultationAction,
  HandoverView,
  HelpRequest,
  LegState,
  LegUpdate,
  LoginRequest,
  LoginResponse,
  PresenceRequest,
  Problem,
  TransferRequest,
  User,
} from "../wire/generated";

export const API_ROOT = "/api/v1";
/** A server that has not answered by then is as good as gone. */
const REQUEST_TIMEOUT_MS = 10_000;
const ACCEPT = "application/json, application/sdp, application/problem+json";

/** The server refused, in its own words (RFC 9457), or could not be reached at all. */
export class ApiError extends Error {
  /** The stable name `/problems/…`, or "unreachable". */
  readonly kind: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** On a conflict over a call: the call as it is now. */
  readonly call: CallView | undefined;

  constructor(kind: string, status: number, detail: string, call?: CallView) {
    super(detail);
    this.name = "ApiError";
    this.kind = kind;
    this.status = status;
    this.call = call;
  }

  /** Nothing came back: the request may have been carried out or not. */
  get unanswered(): boolean {
    return this.status === 0;
  }
}

/** How requests prove who asks: the browser's cookie, or a guest's token that only this tab has. */
export type Credentials = { kind: "cookie" } | { kind: "bearer"; token: string } | { kind: "none" };

export interface StationAnswer {
  id: string;
  sdp: string;
}

/** What everybody with a station needs of the REST API. Nothing is retried here. */
export class StationApi {
  readonly credentials: Credentials;

  constructor(credentials: Credentials = { kind: "cookie" }) {
    this.credentials = credentials;
  }

  /** SDP offer in, SDP answer out: the HTTP shape of WHIP (RFC 9725). */
  async openStation(offer: string): Promise<StationAnswer> {
    const response = await this.send("POST", "/stations", { type: "application/sdp", text: offer });
    const id = response.headers.get("Location")?.split("/").pop();
    if (!id) throw new ApiError("unexpected", response.status, "The server named no station.");
    return { id, sdp: await response.text() };
  }
  /** ICE restart or trickle (RFC 8840 fragment); the server's fragment comes back, or "". */
  async patchStation(station: string, fragment: string): Promise<string> {
    const body = { type: "application/trickle-ice-sdpfrag", text: fragment };
    return (await this.send("PATCH", `/stations/${station}`, body)).text();
  }
  closeStation(station: string): Promise<void> {
    return this.done("DELETE", `/stations/${station}`);
  }

  protected async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, asJson(body));
    return (await response.json()) as T;
  }

  protected async done(method: string, path: string, body?: unknown): Promise<void> {
    await this.send(method, path, asJson(body));
  }

  protected async send(
    method: string,
    path: string,
    body?: Body,
    { accept = ACCEPT, timeoutMs = REQUEST_TIMEOUT_MS }: Answer = {},
  ): Promise<Response> {
    const headers = new Headers({ Accept: accept });
    if (body !== undefined) headers.set("Content-Type", body.type);
    if (method !== "GET") headers.set("Idempotency-Key", randomKey());
    if (this.credentials.kind === "bearer") headers.set("Authorization", `Bearer ${this.credentials.token}`);
    let response: Response;
    try {
      response = await fetch(API_ROOT + path, {
        method,
        headers,
        body: body?.text ?? null,
        credentials: this.credentials.kind === "cookie" ? "same-origin" : "omit",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch {
      throw new ApiError("unreachable", 0, "The server does not answer.");
    }
    if (!response.ok) throw await asError(response);
    return response;
  }
}

/** The REST API of version 1, typed, for the staff's pages. */
export class Api extends StationApi {
  login(body: LoginRequest): Promise<LoginResponse> {
    return this.json("POST", "/login", body);
  }
  logout(): Promise<void> {
    return this.done("POST", "/logout");
  }
  me(): Promise<User> {
    return this.json("GET", "/me");
  }
  setPresence(body: PresenceRequest): Promise<void> {
    return this.done("PUT", "/me/presence", body);
  }

  answer(call: string, body: AttachStation): Promise<void> {
    return this.done("POST", `/calls/${call}/answer`, body);
  }
  order(call: string, verb: "decline" | "hangup" | "hold" | "resume"): Promise<void> {
    return this.done("POST", `/calls/${call}/${verb}`);
  }
  transfer(call: string, body: TransferRequest): Promise<HandoverView> {
    return this.json("POST", `/calls/${call}/transfer`, body);
  }
  confer(call: string, body: ConferenceRequest): Promise<HandoverView> {
    return this.json("POST", `/calls/${call}/conference`, body);
  }
  consult(call: string, action: ConsultationAction): Promise<void> {
    return this.done("PUT", `/calls/${call}/consultation`, { action });
  }
  takeBackCall(call: string, handover: string): Promise<void> {
    return this.done("DELETE", `/calls/${call}/handovers/${handover}`);
  }
  /** A note on a call's or a conversation's record. */
  note(interaction: string, body: AddNote): Promise<void> {
    return this.done("POST", `/interactions/${interaction}/notes`, body);
  }
  help(call: string, body: HelpRequest): Promise<void> {
    return this.done("POST", `/calls/${call}/help`, body);
  }
  listen(call: string, body: AttachStation): Promise<LegState> {
    return this.json("POST", `/calls/${call}/legs`, body);
  }
  updateLeg(call: string, leg: string, body: LegUpdate): Promise<LegState> {
    return this.json("PUT", `/calls/${call}/legs/${leg}`, body);
  }
  deleteLeg(call: string, leg: string): Promise<void> {
    return this.done("DELETE", `/calls/${call}/legs/${leg}`);
  }
}

interface Body {
  type: string;
  text: string;
}

/** What kind of answer is wanted, and for how long it is waited for. */
export interface Answer {
  accept?: string;
  timeoutMs?: number;
}

function asJson(body: unknown): Body | undefined {
  return body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
}

async function asError(response: Response): Promise<ApiError> {
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    const problem = (await response.json()) as Problem;
    return new ApiError(problem.type, response.status, problem.detail, problem.call);
  }
  return new ApiError("unexpected", response.status, `The server answered ${response.status}.`);
}

/** `crypto.randomUUID` exists in secure contexts only; a plain-HTTP page still gets a clear refusal. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
