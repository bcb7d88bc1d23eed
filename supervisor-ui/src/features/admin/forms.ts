import type {
  AdminQueue,
  AdminUser,
  CannedReply,
  Permission,
  Policies,
  QueueSettings,
  Role,
  SaveQueue,
  SaveReply,
  SaveUser,
  Weekday,
} from "../../wire/generated";
import { type HoursDraft, hoursDraft, hoursSave, hoursWrongs } from "./hours";

const NAME_CHARS_MAX = 80;
const REPLY_CHARS_MAX = 4000;
const KEY_CHARS_MAX = 40;
const PASSWORD_CHARS_MIN = 8;

export const ROLES: readonly Role[] = ["agent", "supervisor", "admin", "caller"];
export const PERMISSIONS: readonly Permission[] = [
  "view_contact_center_dashboard",
  "monitor_live_calls",
  "whisper_live_calls",
  "barge_live_calls",
  "take_calls",
  "place_calls",
  "administer",
  "read_audit",
];
export const SWITCHES = [
  "private_chat",
  "help",
  "mood",
  "transcript_download",
  "tell_place",
] as const satisfies readonly (keyof QueueSettings)[];

/** What is wrong with a field: a key of the words under `wrong`, and its numbers. */
export interface Wrong {
  readonly key:
    | "needed"
    | "long"
    | "short"
    | "key"
    | "range"
    | "team"
    | "codes"
    | "hours"
    | "someHours"
    | "dates"
    | "https"
    | "colour"
    | "pale";
  readonly min?: number;
  readonly max?: number;
}

/** What is wrong, by field. Empty: it can be sent. */
export type Wrongs<F extends string> = Partial<Record<F, Wrong>>;

/** An account as it stands in the form. */
export interface UserDraft {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  readonly teams: readonly string[];
  readonly queues: readonly string[];
  readonly skills: readonly string[];
  readonly disabled: boolean;
}

/** What a role may do unless told otherwise; as the server's own accounts are made. */
export function permissionsOf(role: Role): readonly Permission[] {
  switch (role) {
    case "supervisor":
      return ["view_contact_center_dashboard", "monitor_live_calls", "whisper_live_calls", "barge_live_calls"];
    case "agent":
      return ["take_calls"];
    case "admin":
      return ["administer", "read_audit"];
    case "caller":
      return ["place_calls"];
  }
}

export function userDraft(user: AdminUser | null): UserDraft {
  if (user) {
    const { name, username, role, permissions, teams, queues, skills, disabled } = user;
    return { name, username, password: "", role, permissions, teams, queues, skills, disabled };
  }
  return {
    name: "",
    username: "",
    password: "",
    role: "agent",
    permissions: permissionsOf("agent"),
    teams: [],
    queues: [],
    skills: [],
    disabled: false,
  };
}

/** Another role brings its permissions, unless they were chosen one by one. */
export function withRole(draft: UserDraft, role: Role): UserDraft {
  const usual = same(draft.permissions, permissionsOf(draft.role));
  return { ...draft, role, permissions: usual ? permissionsOf(role) : draft.permissions };
}

export function userWrongs(draft: UserDraft, isNew: boolean): Wrongs<"name" | "username" | "password"> {
  const needed = isNew || draft.password !== "";
  const short = needed && draft.password.length < PASSWORD_CHARS_MIN;
  return {
    ...named("name", draft.name),
    ...named("username", draft.username),
    ...(short && { password: { key: "short", min: PASSWORD_CHARS_MIN } as const }),
  };
}

export function userSave(draft: UserDraft, user: AdminUser | null): SaveUser {
  const { password, ...rest } = draft;
  return {
    ...rest,
    permissions: [...draft.permissions],
    teams: [...draft.teams],
    // Others see the queues of their teams.
    queues: draft.role === "agent" ? [...draft.queues] : [],
    skills: [...draft.skills],
    ...(password !== "" && { password }),
    ...(user && { revision: user.revision }),
  };
}

/** A queue as it stands in the form. */
export interface QueueDraft {
  readonly key: string;
  readonly name: string;
  readonly team: string;
  readonly open_to_guests: boolean;
  readonly settings: QueueSettings;
  /** The goal as it was typed. */
  readonly goalPercent: string;
  readonly goalSeconds: string;
  /** The thresholds of signs as they were typed. */
  readonly deadAir: string;
  readonly talkOver: string;
  readonly hold: string;
  readonly helpWait: string;
  /** Wrap-up codes, one a line. */
  readonly codes: string;
  readonly hours: HoursDraft;
}

/** What a goal, and a threshold of a sign, may be; as the server has it. */
const QUEUE_NUMBERS = {
  goalPercent: { min: 1, max: 100 },
  goalSeconds: { min: 1, max: 3600 },
  deadAir: { min: 5, max: 3600 },
  talkOver: { min: 5, max: 100 },
  hold: { min: 10, max: 3600 },
  helpWait: { min: 5, max: 3600 },
} as const;
type QueueNumber = keyof typeof QUEUE_NUMBERS;
const NUMBER_FIELDS = Object.keys(QUEUE_NUMBERS) as QueueNumber[];

/** As the server has it. */
const CODES_MAX = 40;
const CODE_CHARS_MAX = 64;

const NEW_SETTINGS: QueueSettings = {
  delivery: "push",
  private_chat: true,
  help: true,
  mood: true,
  transcript_download: true,
  tell_place: false,
  goal: { percent: 80, seconds: 20 },
  signs: { dead_air_s: 20, talk_over_percent: 25, hold_s: 120, help_s: 60 },
};

/** `zone`: the reader's, for hours that nobody has chosen yet. */
export function queueDraft(queue: AdminQueue | null, team: string, zone: string): QueueDraft {
  const { goal, signs } = queue?.settings ?? NEW_SETTINGS;
  return {
    key: queue?.key ?? "",
    name: queue?.name ?? "",
    team: queue?.team ?? team,
    open_to_guests: queue?.open_to_guests ?? false,
    settings: queue?.settings ?? NEW_SETTINGS,
    goalPercent: String(goal.percent),
    goalSeconds: String(goal.seconds),
    deadAir: String(signs.dead_air_s),
    talkOver: String(signs.talk_over_percent),
    hold: String(signs.hold_s),
    helpWait: String(signs.help_s),
    codes: (queue?.wrap_up_codes ?? []).join("\n"),
    hours: hoursDraft(queue?.opening_hours, zone),
  };
}

/** A key that fits a name: what the form proposes. */
export function keyOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, KEY_CHARS_MAX);
}

export function queueWrongs(
  draft: QueueDraft,
): Wrongs<"key" | "name" | "team" | "codes" | Weekday | "closedOn" | QueueNumber> {
  const key: Wrong | null =
    draft.key === ""
      ? { key: "needed" }
      : !/^[a-z0-9_-]+$/.test(draft.key)
        ? { key: "key" }
        : draft.key.length > KEY_CHARS_MAX
          ? { key: "long", max: KEY_CHARS_MAX }
          : null;
  const codes = codesIn(draft.codes);
  const fit = codes.length <= CODES_MAX && codes.every((code) => [...code].length <= CODE_CHARS_MAX);
  return {
    ...named("name", draft.name),
    ...(key && { key }),
    ...(draft.team === "" && { team: { key: "team" } as const }),
    ...Object.assign({}, ...NUMBER_FIELDS.map((field) => outside(field, draft[field]))),
    ...hoursWrongs(draft.hours),
    ...(!fit && { codes: { key: "codes", min: CODES_MAX, max: CODE_CHARS_MAX } as const }),
  };
}

function outside(field: QueueNumber, typed: string): Wrongs<QueueNumber> {
  const { min, max } = QUEUE_NUMBERS[field];
  const number = Number(typed);
  return /^\d+$/.test(typed.trim()) && number >= min && number <= max ? {} : { [field]: { key: "range", min, max } };
}

/** The lines of a list of codes, each once. */
function codesIn(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ""))];
}

export function queueSave(draft: QueueDraft, queue: AdminQueue | null): SaveQueue {
  const { key, name, team, open_to_guests } = draft;
  const settings: QueueSettings = {
    ...draft.settings,
    goal: { percent: Number(draft.goalPercent), seconds: Number(draft.goalSeconds) },
    signs: {
      dead_air_s: Number(draft.deadAir),
      talk_over_percent: Number(draft.talkOver),
      hold_s: Number(draft.hold),
      help_s: Number(draft.helpWait),
    },
  };
  const [wrap_up_codes, opening_hours] = [[...codesIn(draft.codes)], hoursSave(draft.hours)];
  const whole = { name, team, open_to_guests, settings, wrap_up_codes, opening_hours };
  return queue ? { ...whole, revision: queue.revision } : { ...whole, key };
}

/** A canned reply as it stands in the form; the queue "" is every queue. */
export interface ReplyDraft {
  readonly title: string;
  readonly text: string;
  readonly queue: string;
}

export function replyDraft(reply: CannedReply | null): ReplyDraft {
  return { title: reply?.title ?? "", text: reply?.text ?? "", queue: reply?.queue ?? "" };
}

export function replyWrongs(draft: ReplyDraft): Wrongs<"title" | "text"> {
  const text: Wrong | null =
    draft.text.trim() === ""
      ? { key: "needed" }
      : [...draft.text].length > REPLY_CHARS_MAX
        ? { key: "long", max: REPLY_CHARS_MAX }
        : null;
  return { ...named("title", draft.title), ...(text && { text }) };
}

export function replySave({ title, text, queue }: ReplyDraft, reply: CannedReply | null): SaveReply {
  return { title, text, ...(queue !== "" && { queue }), ...(reply && { revision: reply.revision }) };
}

/** As the server shows them: all of them. */
type AllPolicies = Required<Policies>;
export type PolicyNumber = { [K in keyof AllPolicies]: AllPolicies[K] extends number ? K : never }[keyof AllPolicies];
export type PolicySwitch = Exclude<keyof AllPolicies, PolicyNumber>;

/** What the server allows. */
export const LIMITS: Record<
  PolicyNumber,
  { readonly min: number; readonly max: number; readonly unit: "seconds" | "decibels" | null }
> = {
  duck_db: { min: -30, max: 0, unit: "decibels" },
  ring_timeout_s: { min: 1, max: 300, unit: "seconds" },
  call_wait_s: { min: 10, max: 3600, unit: "seconds" },
  conversations_per_agent: { min: 1, max: 20, unit: null },
  offer_timeout_s: { min: 5, max: 300, unit: "seconds" },
  conversation_wait_s: { min: 10, max: 86_400, unit: "seconds" },
  handover_wait_s: { min: 10, max: 3600, unit: "seconds" },
  messages_per_minute: { min: 5, max: 600, unit: null },
  after_call_s: { min: 0, max: 900, unit: "seconds" },
};

/** The policies as they stand in the form: numbers are what was typed. */
export type PolicyDraft = { readonly [K in keyof AllPolicies]: AllPolicies[K] extends number ? string : boolean };

export function policyDraft(policies: Policies): PolicyDraft {
  const numbers = Object.keys(LIMITS).map((field) => [field, String(policies[field as PolicyNumber])]);
  return { ...policies, ...Object.fromEntries(numbers) } as PolicyDraft;
}

export function policyWrongs(draft: PolicyDraft): Wrongs<PolicyNumber> {
  const wrong = (Object.keys(LIMITS) as PolicyNumber[]).filter((field) => !within(field, draft[field]));
  return Object.fromEntries(
    wrong.map((field) => [field, { key: "range", min: LIMITS[field].min, max: LIMITS[field].max }]),
  );
}

/** Call it only when nothing is wrong. */
export function policySave(draft: PolicyDraft): Policies {
  const numbers = (Object.keys(LIMITS) as PolicyNumber[]).map((field) => [field, Number(draft[field])]);
  return { ...draft, ...Object.fromEntries(numbers) } as Policies;
}

export function isFine(wrongs: Wrongs<string>): boolean {
  return Object.keys(wrongs).length === 0;
}

export function nameWrongs(name: string): Wrongs<"name"> {
  return named("name", name);
}

/** With it if it was without, and the other way round; in the order of `all`. */
export function toggled<T>(chosen: readonly T[], one: T, all: readonly T[]): T[] {
  return all.filter((other) => (other === one ? !chosen.includes(one) : chosen.includes(other)));
}

function named<F extends string>(field: F, name: string): Wrongs<F> {
  const length = [...name.trim()].length;
  const wrong: Wrong | null =
    length === 0 ? { key: "needed" } : length > NAME_CHARS_MAX ? { key: "long", max: NAME_CHARS_MAX } : null;
  return (wrong ? { [field]: wrong } : {}) as Wrongs<F>;
}

function within(field: PolicyNumber, text: string): boolean {
  const { min, max } = LIMITS[field];
  return /^-?\d+$/.test(text.trim()) && Number(text) >= min && Number(text) <= max;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
