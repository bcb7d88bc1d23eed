import type { Envelope, TextEnvelope } from "../../wire/generated";

/** Whether a message of the event stream is about conversations or chats. */
export function isText(envelope: Envelope | TextEnvelope): envelope is TextEnvelope {
  return /^(text|conversation|message|chat)\./.test(envelope.type);
}
