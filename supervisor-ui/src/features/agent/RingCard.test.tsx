import { expect, it } from "vitest";
import type { HandoverView, Offer } from "../../wire/generated";
import { isForOne } from "./RingCard";

const call: Offer["call"] = {
  id: "c",
  state: "ringing",
  queue: "support",
  caller: { name: "Marek" },
  legs: [],
  held: false,
  placed_at: 0,
};
const handover = (to: HandoverView["to"]): HandoverView => ({
  id: "h",
  kind: "consultation",
  from: { user: "ana", name: "Ana" },
  to,
  to_name: "",
  requested_at: 0,
});

it("says that a call goes to the next agent only where there is a next one", () => {
  expect(isForOne({ call, expires_at: 1 })).toBe(false);
  expect(isForOne({ call, expires_at: 1, handover: handover({ queue: "sales" }) })).toBe(false);
  expect(isForOne({ call, expires_at: 1, handover: handover({ agent: "luis" }) })).toBe(true);
  const { queue: _, ...direct } = call;
  expect(isForOne({ call: direct, expires_at: 1 })).toBe(true);
});
