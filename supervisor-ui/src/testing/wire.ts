import type { CallView, Envelope, LegView, Mode, User } from "../wire/generated";

/** Small messages for tests; anything can be set. */
export const ME: User = {
  id: "me",
  username: "sam",
  name: "Sam Okafor",
  role: "supervisor",
  permissions: ["view_contact_center_dashboard", "monitor_live_calls", "whisper_live_calls", "barge_live_calls"],
  teams: [],
  queues: [],
};

export function aLeg(id: string, role: LegView["role"], name: string, more: Partial<LegView> = {}): LegView {
  return { id, user: `user ${name}`, name, role, muted: false, lost: false, joined_at: 0, ...more };
}

export function aCall(id: string, more: Partial<CallView> = {}): CallView {
  return {
    id,
    state: "active",
    caller: { name: "Marek Novák" },
    held: false,
    placed_at: 0,
    answered_at: 1000,
    revision: 1,
    legs: [aLeg("caller", "caller", "Marek Novák"), aLeg("agent", "agent", "Ana Duarte")],
    ...more,
  };
}

/** `call` with this user's own leg in `mode`. */
export function supervised(call: CallView, mode: Mode, leg = "own"): CallView {
  const own = aLeg(leg, "supervisor", ME.name, {
    user: ME.id,
    mode,
    ...(mode === "whisper" ? { coach: "agent" } : {}),
  });
  return {
    ...call,
    legs: [...call.legs.filter((known) => known.id !== leg), own],
    own_leg: leg,
    revision: (call.revision ?? 0) + 1,
  };
}

export function aSnapshot(calls: CallView[], at = 0): Envelope {
  return { type: "snapshot", seq: 0, at, me: ME, calls, agents: [], policy: { notify_agent_on_listen: false } };
}
