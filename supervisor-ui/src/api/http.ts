import * as v from "valibot";
import { problemText } from "./problems";
import { createChannel } from "../store/store";
import { json, parse, type Schema, Unparseable } from "../wire/schema";

export const API_ROOT = "/api/v1";
/** A server that has not answered by then is as good as gone. */
const REQUEST_TIMEOUT_MS = 10_000;
const NOT_SIGNED_IN = "/problems/not-signed-in";
const ACCEPT = "application/json, application/sdp, application/problem+json";

/** The server refused (RFC 9457), or could not be reached at all. */
export class ApiError extends Error {
  /** The stable name `/problems/…`, or "unreachable". */
  readonly kind: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The server's own sentence. */
  readonly detail: string;

  /** The message is in the reader's words and language. */
  constructor(kind: string, status: number, detail: string, cause?: string) {
    super(problemText(kind, detail, cause));
    this.detail = detail;
    this.name = "ApiError";
    this.kind = kind;
    this.status = status;
  }

  /** Nothing came back: the request may have been carried out or not. */
  get unanswered(): boolean {
    return this.status === 0;
  }
}

const signedOut = createChannel();
/** Tells that the server knows this browser's sign-in no more. */
export const onSignedOut = signedOut.listen;

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

  /** An answer that is not what the schema says is refused like any other unexpected one. */
  protected async json<T>(schema: Schema<T>, method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, asJson(body));
    return answerOf(schema, await response.text(), response.status, `answer to ${method} ${path}`);
  }

  protected async done(method: string, path: string, body?: unknown): Promise<void> {
    await this.send(method, path, asJson(body));
  }

  protected async send(
    method: string,
    path: string,
    body?: Body,
    { accept = ACCEPT, timeoutMs = REQUEST_TIMEOUT_MS, outlivesPage = false }: Answer = {},
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
        keepalive: outlivesPage,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch {
      throw new ApiError("unreachable", 0, "The server does not answer.");
    }
    if (response.ok) return response;
    const refusal = refusalOf(response.headers.get("Content-Type"), await response.text(), response.status);
    if (refusal.kind === NOT_SIGNED_IN && this.credentials.kind === "cookie") signedOut.emit();
    throw refusal;
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
  /** It is sent even though the page is left meanwhile. */
  outlivesPage?: boolean;
}

function asJson(body: unknown): Body | undefined {
  return body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
}

/** The body of an answer. Throws an `ApiError` if it is not what the schema says, and reports that. */
export function answerOf<T>(schema: Schema<T>, text: string, status: number, what: string): T {
  try {
    return parse(schema, json(text, what), what);
  } catch (error) {
    if (error instanceof Unparseable) reportError(error);
    throw new ApiError("unexpected", status, "The server’s answer could not be read.");
  }
}

/** What the pages read of a problem (RFC 9457). */
const Refusal = v.object({ type: v.string(), detail: v.string(), cause: v.optional(v.string()) });

/** The refusal that an answer holds, in the server's words where there are any. */
export function refusalOf(type: string | null, text: string, status: number): ApiError {
  if (!type?.startsWith("application/problem+json")) {
    return new ApiError("unexpected", status, `The server answered ${status}.`);
  }
  const problem = answerOf(Refusal, text, status, "refusal");
  return new ApiError(problem.type, status, problem.detail, problem.cause);
}

/** `crypto.randomUUID` exists in secure contexts only; a plain-HTTP page still gets a clear refusal. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
