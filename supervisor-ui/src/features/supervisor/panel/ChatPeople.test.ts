import { describe, expect, it } from "vitest";
import { ANA, aConversation, aMember, DANIEL, MEI } from "../../../testing/text";
import { ME } from "../../../testing/wire";
import { availabilityOf, textObstacle } from "../supervision/availability";
import { knows, reachedAlone } from "./ChatPeople";

const [daniel, ana] = [aMember(DANIEL, "requester"), aMember(ANA, "agent")];

describe("who knows of a supervisor in text", () => {
  it("is nobody in Listen, staff in Whisper, everybody in Barge", () => {
    const of = (mode: "listen" | "whisper" | "barge" | null) =>
      [daniel, ana].map((member) => knows(member, "me", mode, false));
    expect(of(null)).toEqual(["unaware", "unaware"]);
    expect(of("listen")).toEqual(["unaware", "unaware"]);
    expect(of("whisper")).toEqual(["unaware", "seesYou"]);
    expect(of("barge")).toEqual(["seesYou", "seesYou"]);
  });

  it("is the agent in Listen too where the policy says so, and never the customer", () => {
    expect([daniel, ana].map((member) => knows(member, "me", "listen", true))).toEqual(["unaware", "seesYou"]);
  });

  it("names one reader only where there is one", () => {
    const me = aMember({ user: "me", name: "Sam" }, "supervisor", { mode: "whisper" });
    expect(reachedAlone(aConversation("a", { members: [daniel, ana, me] }), "me")?.name).toBe("Ana Duarte");
    const mei = aMember(MEI, "supervisor", { mode: "listen" });
    expect(reachedAlone(aConversation("a", { members: [daniel, ana, me, mei] }), "me")).toBeUndefined();
  });
});

describe("what can be asked for in text", () => {
  const of = (state: "waiting" | "active" | "ended") => textObstacle(aConversation("a", { state }));
  const input = { connected: true, permissions: ME.permissions, obstacle: of("active"), mode: null };

  it("is Listen first, also while the customer waits for an agent", () => {
    expect(availabilityOf(input)).toEqual({ listen: "yes", whisper: "listenFirst", barge: "listenFirst" });
    expect(availabilityOf({ ...input, obstacle: of("waiting"), mode: "listen" }).barge).toBe("yes");
  });

  it("needs the right, a connection, and a conversation that goes on", () => {
    expect(availabilityOf({ ...input, permissions: [], mode: "listen" }).whisper).toBe("role");
    expect(availabilityOf({ ...input, connected: false }).listen).toBe("lost");
    expect(availabilityOf({ ...input, obstacle: of("ended") }).listen).toBe("over");
  });
});
