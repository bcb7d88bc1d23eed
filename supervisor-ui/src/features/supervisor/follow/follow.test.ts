import { expect, test } from "vitest";
import type { CallView } from "../../../wire/generated";
import { nextToFollow } from "./follow";

const ana = { user: "a", name: "Ana" };
const call = (id: string, user: string, state: CallView["state"] = "active") =>
  ({ id, state, legs: [{ role: "agent", user }] }) as unknown as CallView;
const free = { busy: false, tried: new Set<string>() };

test("the followed agent's call is the next one, and nobody else's", () => {
  expect(nextToFollow(ana, [call("1", "b"), call("2", "a")], free)).toBe("2");
  expect(nextToFollow(ana, [call("1", "b")], free)).toBeNull();
  expect(nextToFollow(null, [call("2", "a")], free)).toBeNull();
});

test("a call is listened to once: who stops there is not taken back", () => {
  expect(nextToFollow(ana, [call("2", "a")], { ...free, tried: new Set(["2"]) })).toBeNull();
});

test("nobody is taken away from where they are, nor to a call that only rings or is over", () => {
  expect(nextToFollow(ana, [call("2", "a")], { ...free, busy: true })).toBeNull();
  expect(nextToFollow(ana, [call("2", "a", "ringing"), call("3", "a", "ended")], free)).toBeNull();
});
