import type { MediaFault } from "../../../wire/generated";
import { agentsOf } from "./call";
import { agentsNameOf, customerOf, type Entry, isTense, moodOf, presentOf, queueOf } from "./entry";
import { helpOf } from "./requests";

/**
 * What may show that a call or a conversation goes badly. The agent's voice is deliberately not among them, and
 * nothing here is added up per agent: inferring employees' emotions is prohibited in the EU (Regulation 2024/1689,
 * Article 5 (1) (f)).
 */
export const SIGN_KINDS = [
  "help",
  "quality",
  "one_way",
  "microphone",
  "raised",
  "hold",
  "dead_air",
  "talk_over",
  "mood",
] as const;
export type SignKind = (typeof SIGN_KINDS)[number];

/** From where on something is a sign. */
export interface Thresholds {
  /** Nobody speaks, seconds. */
  readonly deadAirS: number;
  /** Caller and agent speak at once, percent of the time. */
  readonly talkOverPercent: number;
  /** The caller is on hold, seconds. */
  readonly holdS: number;
  /** A raised hand that nobody has taken, seconds. */
  readonly helpS: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { deadAirS: 20, talkOverPercent: 25, holdS: 120, helpS: 60 };

/** One reason to look at one interaction. */
export interface Sign {
  /** The same while the reason lasts. */
  readonly key: string;
  readonly kind: SignKind;
  readonly id: string;
  readonly of: "call" | "chat";
  readonly customer: string;
  readonly agent: string;
  /** Seconds, or percent for talk-over; null: there is no figure. */
  readonly figure: number | null;
}

export interface Around {
  /** Of a queue; undefined: a call placed straight to an agent. */
  readonly thresholdsOf: (queue: string | undefined) => Thresholds;
  /** Since when a call is on hold, as far as this page knows, Unix ms. */
  readonly heldSince: ReadonlyMap<string, number>;
  /** The server's clock, Unix ms. */
  readonly now: number;
  /** The supervisor: what they are at already needs no sign. */
  readonly me: string | undefined;
}

/** The signs of all that goes on, the most pressing kind first. */
export function signsOf(entries: Iterable<Entry>, around: Around): Sign[] {
  const found = [...entries]
    .filter((entry) => presentOf(entry).every(({ user }) => user !== around.me))
    .flatMap((entry) => signsIn(entry, around));
  return found.toSorted((a, b) => SIGN_KINDS.indexOf(a.kind) - SIGN_KINDS.indexOf(b.kind));
}

function signsIn(entry: Entry, { thresholdsOf, heldSince, now }: Around): Sign[] {
  const limit = thresholdsOf(queueOf(entry));
  const figures: (readonly [SignKind, number | null] | false)[] = [];
  const help = helpOf(entry);
  const waited = help && !help.takenBy ? seconds(now - help.raisedAt) : 0;
  figures.push(waited >= limit.helpS && ["help", waited]);
  if (entry.kind === "chat") {
    const mood = moodOf(entry);
    figures.push(isTense(mood) && (mood?.trend ?? 0) < 0 && ["mood", null]);
  } else if (entry.call.state === "active") {
    const { call } = entry;
    const since = call.held ? heldSince.get(call.id) : undefined;
    const held = since === undefined ? 0 : seconds(now - since);
    figures.push(held >= limit.holdS && ["hold", held]);
    const parties = call.legs.filter(({ role }) => role !== "supervisor");
    const has = (kind: SignKind) => parties.some(({ fault, lost }) => fault && !lost && FAULTS[fault] === kind);
    figures.push(parties.some(({ lost }) => lost) && ["quality", null]);
    figures.push(has("one_way") && ["one_way", null]);
    figures.push(has("microphone") && ["microphone", null]);
    // On hold nobody speaks to anybody, and what was measured before says nothing now.
    const talk = call.held || agentsOf(call).length === 0 ? undefined : call.talk;
    if (talk) {
      const [silent, over] = [seconds(talk.silent_ms), Math.round(100 * talk.talk_over)];
      figures.push(silent >= limit.deadAirS && ["dead_air", silent]);
      figures.push(over >= limit.talkOverPercent && ["talk_over", over]);
      figures.push(talk.caller_raised && ["raised", null]);
    }
  }
  const about = { id: entry.id, of: entry.kind, customer: customerOf(entry), agent: agentsNameOf(entry) };
  return figures.flatMap((one) =>
    one ? [{ key: `${entry.id} ${one[0]}`, kind: one[0], figure: one[1], ...about }] : [],
  );
}

/** Of what a fault of somebody's sound is a sign. */
const FAULTS: Record<MediaFault, SignKind> = {
  nothing_received: "one_way",
  nothing_arrives: "one_way",
  wrong_payload_type: "one_way",
  wrong_source: "one_way",
  digital_silence: "microphone",
  clipping: "microphone",
};

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** How much a supervisor wants to be told. */
export interface Budget {
  readonly muted: ReadonlySet<SignKind>;
  /** Alerts in any hour, at most. */
  readonly perHour: number;
}

/** What is shown, and what has been. */
export interface Alerts {
  readonly shown: readonly Sign[];
  /** Signs that last and were put away, or had no budget: they come back when they end and begin anew. */
  readonly passed: ReadonlySet<string>;
  /** When alerts were raised in the last hour, Unix ms. */
  readonly raised: readonly number[];
}

export const NO_ALERTS: Alerts = { shown: [], passed: new Set(), raised: [] };
const HOUR_MS = 3_600_000;

/** The alerts that follow from these signs. One that is shown stays until it ends or is put away. */
export function nextAlerts(before: Alerts, signs: readonly Sign[], { muted, perHour }: Budget, now: number): Alerts {
  const shownBefore = new Set(before.shown.map(({ key }) => key));
  const raised = before.raised.filter((at) => at > now - HOUR_MS);
  const passed = new Set<string>();
  const shown: Sign[] = [];
  for (const sign of signs) {
    if (muted.has(sign.kind)) continue;
    if (before.passed.has(sign.key)) passed.add(sign.key);
    else if (shownBefore.has(sign.key)) shown.push(sign);
    else if (raised.length < perHour) {
      raised.push(now);
      shown.push(sign);
    } else passed.add(sign.key);
  }
  return { shown, passed, raised };
}

/** The supervisor has seen it. */
export function putAway(alerts: Alerts, key: string): Alerts {
  return {
    ...alerts,
    shown: alerts.shown.filter((sign) => sign.key !== key),
    passed: new Set([...alerts.passed, key]),
  };
}
