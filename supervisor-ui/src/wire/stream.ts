import * as v from "valibot";
import type { Envelope, TextEnvelope } from "./generated";
import { json, parse, type Schema, Unparseable } from "./schema";

/** A message of a kind that a newer server sends: it is counted, and passed over. */
export interface UnknownEnvelope {
  type: "unknown";
  seq?: number;
  at: number;
}

/** One message of the event stream. */
export type StreamMessage = Envelope | TextEnvelope | UnknownEnvelope;

/** Reads one message. Throws `Unparseable`. */
export type Reader = (text: string) => StreamMessage;

const Head = v.object({ type: v.string(), seq: v.exactOptional(v.number()), at: v.number() });

/** Whether a message of the event stream is about conversations or chats. */
export function isText(envelope: StreamMessage): envelope is TextEnvelope {
  return isTextType(envelope.type);
}

function isTextType(type: string): boolean {
  return /^(text|conversation|message|chat)\./.test(type);
}

/** Reads what is said of calls with one schema, and of conversations and chats with the other. */
export function readerOf(calls: Schema<Envelope>, texts: Schema<TextEnvelope>): Reader {
  return (text) => {
    const value = json(text, "event");
    const { type, ...head } = parse(Head, value, "event");
    const result = v.safeParse(isTextType(type) ? texts : calls, value);
    if (result.success) return result.output;
    if (isOfNewKind(result.issues)) return { type: "unknown", ...head };
    throw new Unparseable(`event ${type}`, result.issues);
  };
}

/** It failed at its own tag, and not at that of something inside it. */
function isOfNewKind([first]: readonly v.BaseIssue<unknown>[]): boolean {
  return first?.type === "variant" && v.getDotPath(first) === "type";
}
