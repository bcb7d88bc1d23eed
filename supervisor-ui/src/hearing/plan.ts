import { shortName } from "../ui/names";
import type { CallView, Mode, Role } from "../wire/generated";

/** Somebody on a call, as the viewer may know of them. */
export interface Party {
  readonly leg: string;
  /** The whole name. */
  readonly fullName: string;
  /** What one is called by; the whole name where two on the call are called alike. */
  readonly name: string;
  readonly role: Role;
  /** The viewer's own leg. */
  readonly you: boolean;
  readonly mode: Mode | undefined;
  /** In Whisper: the coached agent's leg. */
  readonly coach: string | undefined;
  /** Is being consulted by the agent of this leg, and is not yet with the caller. */
  readonly consultedBy: string | undefined;
  readonly muted: boolean;
  /** The server misses their media at the moment; the plan stands, for they may be back any moment. */
  readonly lost: boolean;
  /** The viewer, whose page has no way for sound: nothing goes out, nothing comes in. */
  readonly cut: boolean;
}

/** `perhaps`: the server does not tell this viewer whether it is so. */
export type Hears = "yes" | "perhaps" | "no";

/** Who hears whom on one call. Made of what the server tells, and of nothing else. */
export interface Plan {
  readonly parties: readonly Party[];
  readonly you: Party | undefined;
  readonly held: boolean;
  /** A supervisor speaks with the caller in the agents' stead: nobody hears an agent. */
  readonly takenOver: boolean;
  /** Whether the party with leg `listener` hears the one with leg `source`. */
  hears(listener: string, source: string): Hears;
  /** Whom the party with this leg hears, for certain. */
  heardBy(listener: string): readonly Party[];
  /** Who hears the party with this leg. */
  audience(source: string): Audience;
}

/** Who hears somebody. */
export interface Audience {
  readonly sure: readonly Party[];
  readonly perhaps: readonly Party[];
  /** Everybody else on the call, and nobody left out. */
  readonly everyone: boolean;
}

/** Whether the customer hears or sees a supervisor in this mode. */
export function isOpen(mode: Mode | undefined): mode is "barge" | "take_over" {
  return mode === "barge" || mode === "take_over";
}

/** The mode whose colour it has: what everybody hears is red. */
export function toneOf<M extends string>(mode: M): Exclude<M, "take_over"> | "barge" {
  return mode === "take_over" ? "barge" : (mode as Exclude<M, "take_over">);
}

export interface PlanInput {
  /** How it would be with the viewer's leg in this mode; undefined: as it is. */
  readonly mode?: Mode;
  /** Nothing of the viewer's microphone goes out, whatever the server knows of it yet. */
  readonly silent?: boolean;
  /** This page has no way for sound. */
  readonly cut?: boolean;
  /** As if the viewer had no leg on it. */
  readonly without?: boolean;
}

/**
 * The plan of a call. The rule is the server's (`RoutePlan::derive`), applied to the legs that the
 * server has told of: default deny, a hold parts caller and agents, a consultation parts whoever is
 * consulted from everybody but who consults and the supervisors, a take-over silences the agents, and
 * ends a hold.
 */
export function planOf(call: CallView, input: PlanInput = {}): Plan {
  const parties = partiesOf(call, input);
  const byLeg = new Map(parties.map((party) => [party.leg, party]));
  const takenOver = parties.some(({ mode }) => mode === "take_over");
  const held = call.held && !takenOver;
  const pair = (listener: string, source: string): Hears => {
    const [to, from] = [byLeg.get(listener), byLeg.get(source)];
    if (!to || !from || (takenOver && takenFrom(to, from, call.agents_apart ?? false))) return "no";
    return hears(to, from, held);
  };
  return {
    parties,
    you: parties.find(({ you }) => you),
    held,
    takenOver,
    hears: pair,
    heardBy: (listener) => parties.filter(({ leg }) => pair(listener, leg) === "yes"),
    audience: (source) => {
      const others = parties.filter(({ leg }) => leg !== source);
      const [sure, perhaps] = (["yes", "perhaps"] as const).map((how) =>
        others.filter(({ leg }) => pair(leg, source) === how),
      ) as [Party[], Party[]];
      return { sure, perhaps, everyone: others.length > 1 && sure.length === others.length };
    },
  };
}

function partiesOf(call: CallView, { mode, silent = false, cut = false, without = false }: PlanInput): Party[] {
  const legs = call.legs.filter(({ id }) => !(without && id === call.own_leg));
  const called = legs.map(({ name }) => shortName(name));
  const parties = legs.map((leg, index): Party => {
    const you = leg.id === call.own_leg;
    const own = you && leg.mode !== undefined ? (mode ?? leg.mode) : leg.mode;
    const short = called[index] ?? leg.name;
    return {
      leg: leg.id,
      fullName: leg.name,
      name: called.filter((other) => other === short).length > 1 ? leg.name : short,
      role: leg.role,
      you,
      mode: own,
      coach: own === "whisper" ? (leg.coach ?? firstAgent(call)) : undefined,
      consultedBy: leg.consulted_by,
      muted: leg.muted || (you && silent),
      lost: leg.lost,
      cut: you && cut,
    };
  });
  const wouldBe = mode !== undefined && !parties.some(({ you }) => you);
  return wouldBe ? [...parties, newcomer(mode, firstAgent(call))] : parties;
}

/** A supervisor who is not on the call yet, in the mode that is asked about. */
function newcomer(mode: Mode, coach: string | undefined): Party {
  const names = { leg: "", fullName: "", name: "" };
  const fine = { consultedBy: undefined, muted: false, lost: false, cut: false };
  return { ...names, ...fine, role: "supervisor", you: true, mode, coach };
}

/** Whom a whisper reaches that names nobody: the agent who answered. */
function firstAgent(call: CallView): string | undefined {
  return call.legs.find(({ role, consulted_by }) => role === "agent" && consulted_by === undefined)?.id;
}

function hears(listener: Party, source: Party, held: boolean): Hears {
  if (listener.leg === source.leg || listener.cut || source.cut || source.muted) return "no";
  if (apart(listener, source) || apart(source, listener)) return "no";
  switch (source.role) {
    case "supervisor":
      return hearsSupervisor(listener, source);
    case "caller":
    case "agent": {
      if (listener.role === "supervisor") return "yes";
      const across = listener.role !== source.role;
      const callers = listener.role === "caller" && source.role === "caller";
      return (across || callers) && held ? "no" : "yes";
    }
    case "admin":
      return "no";
  }
}

function hearsSupervisor(listener: Party, source: Party): Hears {
  switch (source.mode) {
    case "barge":
    case "take_over":
      return "yes";
    case "whisper":
      if (listener.role === "agent") return listener.leg === source.coach ? "yes" : "no";
      // A choice of the centre's, which the server does not tell supervisors.
      return listener.role === "supervisor" ? "perhaps" : "no";
    case "listen":
    case undefined:
      return "no";
  }
}

/**
 * A take-over stands between the two: an agent is mute, and deaf to what is said with the caller where the
 * centre has chosen so (`apart`). A consultation is not said with the caller, nor is a whisper.
 */
function takenFrom(listener: Party, source: Party, apart: boolean): boolean {
  if (listener.consultedBy === source.leg || source.consultedBy === listener.leg) return false;
  if (source.role === "agent") return true;
  return apart && listener.role === "agent" && (source.role === "caller" || isOpen(source.mode));
}

/** `one` is being consulted, and the other is a party who does not consult them. */
function apart(one: Party, other: Party): boolean {
  return one.consultedBy !== undefined && other.role !== "supervisor" && one.consultedBy !== other.leg;
}
