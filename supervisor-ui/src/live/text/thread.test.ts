import { describe, expect, it } from "vitest";
import { aMessage } from "../../testing/text";
import { emptyThread, failed, merged, missing, older, sending, type Outgoing, type Thread } from "./thread";
import type { MessageView } from "../../wire/generated";

const wanted: Thread<MessageView> = { ...emptyThread<MessageView>(), wanted: true };
const on = (...numbers: number[]) =>
  merged(
    wanted,
    numbers.map((number) => aMessage(number)),
  );
const numbers = (thread: Thread<MessageView>) => thread.messages.map(({ number }) => number);
const outgoing: Outgoing = { clientId: "c1", text: "hi", visibility: "public", attachments: [], at: 5, failed: null };

describe("a thread", () => {
  it("keeps messages in order and once, however they come", () => {
    expect(numbers(merged(on(4, 5), [aMessage(3), aMessage(4), aMessage(6)]))).toEqual([3, 4, 5, 6]);
  });

  it("asks for what is missing at the end first, then in the middle", () => {
    expect(missing(on(1, 2), 5)).toEqual({ before: null });
    expect(missing(on(1, 2, 5), 5)).toEqual({ before: 5 });
    expect(missing(on(1, 2, 3), 3)).toBeNull();
    expect(missing(on(8, 9), 9)).toBeNull();
  });

  it("has older pages until the first message", () => {
    expect(older(on(8, 9))).toEqual({ before: 8 });
    expect(older(on(1, 2))).toBeNull();
    expect(older(wanted)).toBeNull();
  });

  it("replaces what was sent by what has come, by its id", () => {
    const sent = sending(on(1), outgoing);
    expect(sent.outgoing).toHaveLength(1);
    const arrived = merged(sent, [aMessage(2, { client_id: "c1" })]);
    expect(arrived.outgoing).toEqual([]);
    expect(numbers(arrived)).toEqual([1, 2]);
    // The receipt after the event, or the other way round.
    expect(numbers(merged(arrived, [aMessage(2, { client_id: "c1" })]))).toEqual([1, 2]);
  });

  it("shows a failure until it is tried again", () => {
    const broken = failed(sending(on(1), outgoing), "c1", "too long");
    expect(broken.outgoing[0]?.failed).toBe("too long");
    expect(sending(broken, outgoing).outgoing).toEqual([outgoing]);
  });

  it("keeps the last message alone of what nobody looks at", () => {
    expect(numbers(merged({ ...wanted, wanted: false }, [aMessage(1), aMessage(2)]))).toEqual([2]);
  });
});
