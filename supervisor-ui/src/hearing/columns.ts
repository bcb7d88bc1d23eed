import { isOpen, type Party, type Plan } from "./plan";

/** The picture has three places: whoever called; to its right the others and the user, or the user and the others. */
export interface Columns {
  readonly left: readonly Party[];
  readonly middle: readonly Party[];
  readonly right: readonly Party[];
}

/** The supervisor stands outside: at the right. Who only listens is heard by nobody, and has no box. */
export function supervisorsColumns({ parties }: Plan): Columns {
  const others = parties.filter(({ you, role, mode }) => !you && (role === "agent" || isHeard(mode)));
  const coached = parties.find(({ you }) => you)?.coach;
  return {
    left: parties.filter(({ role }) => role === "caller"),
    // The wire of a whisper ends at the lowest box.
    middle: others.toSorted((a, b) => Number(a.leg === coached) - Number(b.leg === coached)),
    right: parties.filter(({ you }) => you),
  };
}

/** The agent stands in the middle; to the right who speaks to the agent first, then the colleagues. */
export function agentsColumns({ parties }: Plan): Columns {
  return {
    left: parties.filter(({ role }) => role === "caller"),
    middle: parties.filter(({ you }) => you),
    right: parties
      .filter(({ you, role }) => !you && role !== "caller")
      .toSorted((a, b) => Number(b.role === "supervisor") - Number(a.role === "supervisor")),
  };
}

function isHeard(mode: Party["mode"]): boolean {
  return mode === "whisper" || isOpen(mode);
}

/** Whether anybody in one place hears anybody in another. */
export function isLit(plan: Plan, listeners: readonly Party[], sources: readonly Party[]): boolean {
  return listeners.some(({ leg }) => sources.some((source) => plan.hears(leg, source.leg) === "yes"));
}
