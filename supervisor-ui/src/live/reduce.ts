import type { CallMood, CallView, Envelope, LegView, Offer, Snapshot } from "../wire/generated";
import type { LiveState, Mark } from "./state";
import { isText, type StreamMessage } from "../wire/stream";
import { reduceText } from "./text/reduce";

/** Marks older than any timeline shows are dropped. */
const MARK_AGE_MAX_MS = 5 * 60_000;
/** Marks kept a call. */
const MARKS_MAX = 64;

export type Reduced =
  | { kind: "ok"; state: LiveState }
  /** A message is missing: only a fresh snapshot can be trusted. */
  | { kind: "gap" };

/** The state after one message. Pure; a call's message holds the whole call, so calls are replaced. */
export function reduce(state: LiveState, envelope: StreamMessage): Reduced {
  if (envelope.seq !== undefined && envelope.type !== "snapshot") {
    if (state.seq < 0 || envelope.seq !== state.seq + 1) return { kind: "gap" };
  }
  const seq = envelope.seq ?? state.seq;
  const before = { ...state, seq };
  const next = isText(envelope)
    ? { ...before, text: reduceText(state.text, envelope, state.me?.id ?? "") }
    : envelope.type === "unknown"
      ? before
      : apply(before, envelope);
  return { kind: "ok", state: { ...next, heardAt: Math.max(state.heardAt, envelope.at) } };
}

function apply(state: LiveState, envelope: Envelope): LiveState {
  switch (envelope.type) {
    case "snapshot":
      return fromSnapshot(state, envelope, envelope.at);
    case "call.offered":
      return { ...withCall(state, envelope.call), offer: offerOf(envelope) };
    case "call.offer_ended":
      return withoutOffer(state, envelope.call);
    case "call.updated":
    case "call.started":
    case "leg.joined":
    case "leg.left":
    case "leg.changed":
    case "call.handover_requested":
      return withCall(state, envelope.call);
    case "call.ended":
      return withoutCall(state, envelope.call.id);
    case "supervision.started":
    case "supervision.mode_changed":
      return withCall(marked(state, envelope.call.id, modeMark(envelope.leg, envelope.at)), envelope.call);
    case "supervision.ended": {
      const mark: Mark = { kind: "mode", at: envelope.at, user: envelope.leg.user, mode: "off" };
      return withCall(marked(state, envelope.call.id, mark), envelope.call);
    }
    case "help.changed":
      return withCall(helpMarked(state, envelope.call), envelope.call);
    case "presence.changed":
      return { ...state, agents: new Map(state.agents).set(envelope.agent.user, envelope.agent) };
    case "moods":
      return withMoods(state, envelope.calls);
    case "meters":
    case "call.handover_ended":
    case "station.changed":
    case "station.closed":
      return state;
  }
}

function offerOf({ call, handover, expires_at }: Extract<Envelope, { type: "call.offered" }>): Offer {
  return { call, expires_at, ...(handover ? { handover } : {}) };
}

function fromSnapshot(state: LiveState, snapshot: Snapshot, at: number): LiveState {
  const calls = new Map(snapshot.calls.map((call) => [call.id, call]));
  const before = [...state.marks].filter(([id]) => calls.has(id));
  const fresh: LiveState = {
    ...state,
    connection: { kind: "live" },
    me: snapshot.me,
    calls,
    agents: new Map(snapshot.agents.map((agent) => [agent.user, agent])),
    offer: snapshot.offer ?? null,
    policy: snapshot.policy ?? state.policy,
    marks: new Map(before.map(([id, marks]) => [id, closed(marks, calls.get(id), state.heardAt)])),
  };
  // What already holds gets its mark at the time since when it holds.
  return snapshot.calls.reduce((sofar, call) => {
    const helped = call.help ? marked(sofar, call.id, { kind: "help", at: call.help.requested_at }) : sofar;
    return call.legs
      .filter((leg) => leg.mode !== undefined)
      .reduce((s, leg) => marked(s, call.id, modeMark(leg, at)), helped);
  }, fresh);
}

/** Who left while nothing was heard is off since then, at the latest. */
function closed(marks: readonly Mark[], call: CallView | undefined, heardAt: number): Mark[] {
  const last = new Map(marks.flatMap((mark) => (mark.kind === "mode" ? [[mark.user, mark.mode] as const] : [])));
  const gone = [...last].filter(
    ([user, mode]) => mode !== "off" && !call?.legs.some((leg) => leg.user === user && leg.mode),
  );
  return [...marks, ...gone.map(([user]): Mark => ({ kind: "mode", at: heardAt, user, mode: "off" }))];
}

function modeMark(leg: LegView, at: number): Mark {
  return { kind: "mode", at: leg.mode_since ?? at, user: leg.user, mode: leg.mode ?? "off" };
}

function helpMarked(state: LiveState, call: CallView): LiveState {
  return call.help ? marked(state, call.id, { kind: "help", at: call.help.requested_at }) : state;
}

function marked(state: LiveState, call: string, mark: Mark): LiveState {
  const oldest = state.heardAt - MARK_AGE_MAX_MS;
  const before = state.marks.get(call) ?? [];
  if (before.some((known) => sameMark(known, mark))) return state;
  const marks = trimmed(
    [...before, mark].toSorted((a, b) => a.at - b.at),
    oldest,
  );
  return { ...state, marks: new Map(state.marks).set(call, marks) };
}

/** A user's last mode before the window stays: it tells which mode the window begins with. */
function trimmed(marks: Mark[], oldest: number): Mark[] {
  const current = new Set<string>();
  const kept: Mark[] = [];
  for (const mark of marks.toReversed()) {
    if (mark.at >= oldest) kept.push(mark);
    else if (mark.kind === "mode" && !current.has(mark.user)) kept.push(mark);
    if (mark.kind === "mode" && mark.at < oldest) current.add(mark.user);
  }
  return kept.slice(0, MARKS_MAX).toReversed();
}

function sameMark(a: Mark, b: Mark): boolean {
  if (a.at !== b.at) return false;
  if (a.kind === "help" || b.kind === "help") return a.kind === b.kind;
  return a.user === b.user && a.mode === b.mode;
}

function withCall(state: LiveState, call: CallView): LiveState {
  return { ...state, calls: new Map(state.calls).set(call.id, call) };
}

/** The one thing that comes without its call: every few seconds, and nothing is lost with it. */
function withMoods(state: LiveState, moods: readonly CallMood[]): LiveState {
  const calls = new Map(state.calls);
  for (const { call, mood, talk } of moods) {
    const known = calls.get(call);
    if (known) calls.set(call, { ...known, mood, talk });
  }
  return { ...state, calls };
}

function withoutCall(state: LiveState, id: string): LiveState {
  const calls = new Map(state.calls);
  const marks = new Map(state.marks);
  calls.delete(id);
  marks.delete(id);
  return { ...withoutOffer(state, id), calls, marks };
}

function withoutOffer(state: LiveState, id: string): LiveState {
  return state.offer?.call.id === id ? { ...state, offer: null } : state;
}
