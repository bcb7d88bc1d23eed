import type { AgentView, CallView, LegView, User } from "../wire/generated";

export const ME: User = {
  id: "u-sam",
  username: "supervisor1",
  name: "Sam Okafor",
  role: "supervisor",
  permissions: ["view_contact_center_dashboard", "monitor_live_calls", "whisper_live_calls", "barge_live_calls"],
  teams: [{ id: "t1", name: "Support" }],
  queues: [
    { id: "support", name: "Support", team: "t1" },
    { id: "billing", name: "Billing", team: "t1" },
    { id: "returns", name: "Returns", team: "t1" },
  ],
};

const PEOPLE: [caller: string, number: string, agent: string, queue: string, seconds: number][] = [
  ["Marek Novák", "+420 601 555 014", "Ana Duarte", "support", 252],
  ["Priya Raman", "+44 20 7946 0101", "Luis Herrera", "support", 767],
  ["Hana Satō", "+81 3 5550 0102", "Yuki Tanaka", "support", 125],
  ["Tom Becker", "+49 30 5550 0103", "Nora Lind", "billing", 38],
  ["Inés", "", "Dev Patel", "billing", 451],
  ["Olivia Grant", "+44 20 7946 0105", "Chloé Martin", "support", 594],
  ["Carlos Mendes", "+351 21 555 0106", "Omar Haddad", "returns", 79],
  ["+44 20 7946 0112", "+44 20 7946 0112", "Grace Kim", "support", 220],
  ["Aïcha Benali", "+33 1 5550 0108", "Peter Vos", "support", 326],
  ["Jakub Wójcik", "+48 22 555 0109", "Ifeoma Eze", "returns", 902],
  ["Lukas Brandt", "+49 30 5550 0110", "Jonas Weber", "billing", 11],
  ["Sofia Rossi", "+39 06 5550 0111", "Rosa Bianchi", "support", 408],
];

function leg(id: string, user: string, name: string, role: LegView["role"], joined: number): LegView {
  return { id, user, name, role, muted: false, lost: false, joined_at: joined };
}

export function someCalls(now: number, help: boolean): CallView[] {
  const live = PEOPLE.map(([caller, number, agent, queue, seconds], index): CallView => {
    const joined = now - seconds * 1000;
    const legs = [leg("1", `g${index}`, caller, "caller", joined), leg("2", `a${index}`, agent, "agent", joined)];
    if (index === 1)
      legs.push({ ...leg("3", "u-mei", "Mei Tanabe", "supervisor", joined), mode: "listen", mode_since: now - 60_000 });
    if (index === 5)
      legs.push({
        ...leg("3", "u-kenji", "Kenji Mori", "supervisor", joined),
        mode: "whisper",
        coach: "2",
        mode_since: now - 20_000,
      });
    return {
      id: `c${index}`,
      state: "active",
      queue,
      caller: number ? { name: caller, number } : { name: caller },
      legs,
      held: index === 4,
      placed_at: joined - 9000,
      answered_at: joined,
      revision: 3,
      ...(help && index === 0
        ? {
            help: {
              leg: "2",
              agent,
              reason: "Wants to cancel. Can I make the retention offer?",
              state: "open" as const,
              requested_at: now - 18_000,
            },
          }
        : {}),
    };
  });
  const waiting: CallView[] = [
    {
      id: "w1",
      state: "ringing",
      queue: "support",
      caller: { name: "Daniel Ortiz" },
      legs: [leg("1", "g90", "Daniel Ortiz", "caller", now)],
      ringing: { user: "a20", name: "Mina Park" },
      held: false,
      placed_at: now - 14_000,
      revision: 1,
    },
    {
      id: "w2",
      state: "waiting",
      queue: "returns",
      caller: { name: "Emma Lindqvist" },
      legs: [leg("1", "g91", "Emma Lindqvist", "caller", now)],
      held: false,
      placed_at: now - 102_000,
      revision: 1,
    },
  ];
  return [...live, ...waiting];
}

export function someAgents(now: number, offline: boolean): AgentView[] {
  return Array.from({ length: 20 }, (_, index) => ({
    user: `a${index}`,
    name: PEOPLE[index]?.[2] ?? `Agent ${index}`,
    queues: ["support"],
    since: now,
    state: offline ? "offline" : index < 12 ? "active" : "ready",
  }));
}
