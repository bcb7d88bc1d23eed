import { describe, expect, it } from "vitest";
import { aConversation, aTextSnapshot } from "../testing/text";
import { aCall, aSnapshot, supervised } from "../testing/wire";
import * as customers from "./customerSchemas";
import type { CallView } from "./generated";
import { parse, restored, Unparseable } from "./schema";
import * as staff from "./schemas";
import { readerOf } from "./stream";

const read = readerOf(staff.Envelope, staff.TextEnvelope);
const readCustomers = readerOf(customers.Envelope, customers.TextEnvelope);

describe("the event stream", () => {
  it("yields what was sent, of calls and of text", () => {
    const calls = aSnapshot([supervised(aCall("a"), "whisper")]);
    expect(read(JSON.stringify(calls))).toEqual(calls);
    const texts = aTextSnapshot([aConversation("k")]);
    expect(read(JSON.stringify(texts))).toEqual(texts);
  });

  it("leaves out the fields that this page does not know", () => {
    expect(read('{"type":"call.offer_ended","seq":1,"at":2,"call":"a","painted":true}')).toEqual({
      type: "call.offer_ended",
      seq: 1,
      at: 2,
      call: "a",
    });
  });

  it("counts a message of a kind that a newer server sends", () => {
    expect(read('{"type":"call.painted","seq":7,"at":2,"colour":"red"}')).toEqual({ type: "unknown", seq: 7, at: 2 });
    expect(read('{"type":"message.sung","at":2}')).toEqual({ type: "unknown", at: 2 });
  });

  it("refuses what is not what was agreed on, and repeats none of it", () => {
    for (const text of ["", "{", "null", "[]", '{"type":"meters"}', '{"type":"leg.left","seq":1,"at":1,"call":7}']) {
      expect(() => read(text), text).toThrow(Unparseable);
    }
    const secret = { type: "message.typing", at: 1, conversation: "k", user: "Daniel’s card number", typing: true };
    expect(() => read(JSON.stringify(secret))).toThrow("event message.typing: user is not Object");
    expect(() => read(JSON.stringify(secret))).not.toThrow("card");
  });

  it("tells a broken tag inside a message from a kind that is new", () => {
    const broken = { ...aSnapshot([]), calls: [{ ...aCall("a"), state: "painted" }] };
    expect(() => read(JSON.stringify(broken))).toThrow("calls.0.state");
  });

  it("gives a customer's page no field of the staff's, should one ever come", () => {
    const call: CallView = { ...supervised(aCall("a"), "whisper"), listen_told: true };
    const legs = call.legs.map((leg) => ({ ...leg, coach: "agent" }));
    const parsed = parse(customers.CallView, { ...call, legs }, "call");
    expect(parsed).not.toHaveProperty("listen_told");
    for (const leg of parsed.legs) expect(leg).not.toHaveProperty("coach");
    const told = { type: "supervision.started", seq: 1, at: 1, call, leg: legs[0] };
    expect(readCustomers(JSON.stringify(told))).toEqual({ type: "unknown", seq: 1, at: 1 });
  });
});

describe("what was kept in the browser", () => {
  it("is taken if it is whole, and forgotten if it is not", () => {
    expect(restored(staff.UserRef, '{"user":"u","name":"Ana"}')).toEqual({ user: "u", name: "Ana" });
    for (const text of [null, "", "{", "7", '{"user":"u"}']) expect(restored(staff.UserRef, text)).toBeNull();
  });
});
