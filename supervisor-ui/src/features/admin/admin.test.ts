import { describe, expect, it } from "vitest";
import type { AdminUser, AuditEntry, Policies } from "../../wire/generated";
import { found, namesOf } from "./find";
import {
  isFine,
  keyOf,
  nameWrongs,
  permissionsOf,
  policyDraft,
  policySave,
  policyWrongs,
  queueDraft,
  queueSave,
  queueWrongs,
  replyDraft,
  replySave,
  replyWrongs,
  toggled,
  userDraft,
  userSave,
  userWrongs,
  withRole,
} from "./forms";
import { changesOf, valueText } from "./record";
import { sectionOf } from "./AdminPage";
import { en, ja } from "./words";

const ANA: AdminUser = {
  id: "a1",
  username: "ana",
  name: "Ana Duarte",
  role: "agent",
  permissions: ["take_calls"],
  teams: ["t1"],
  queues: ["support"],
  skills: ["s1"],
  disabled: false,
  revision: 4,
};
const POLICIES: Policies = {
  notify_agent_on_listen: false,
  supervisors_hear_whispers: true,
  whisper_beep: true,
  barge_tone_caller: true,
  barge_tone_agents: true,
  hold_tone: false,
  agents_hear_take_over: true,
  duck_db: -6,
  ring_timeout_s: 20,
  call_wait_s: 300,
  conversations_per_agent: 4,
  offer_timeout_s: 30,
  conversation_wait_s: 600,
  handover_wait_s: 120,
  messages_per_minute: 120,
  after_call_s: 0,
};

describe("an account in the form", () => {
  it("is sent as it was read, with its revision and nothing else", () => {
    const sent = userSave(userDraft(ANA), ANA);
    const { id: _, ...rest } = ANA;
    expect(sent).toEqual(rest);
  });

  it("needs a password only when it is new", () => {
    expect(isFine(userWrongs(userDraft(ANA), false))).toBe(true);
    expect(userWrongs(userDraft(null), true)).toEqual({
      name: { key: "needed" },
      username: { key: "needed" },
      password: { key: "short", min: 8 },
    });
    const short = { ...userDraft(ANA), password: "short" };
    expect(userWrongs(short, false).password).toEqual({ key: "short", min: 8 });
    expect(userSave({ ...short, password: "long enough" }, ANA).password).toBe("long enough");
  });

  it("takes the permissions of its role, unless they were chosen one by one", () => {
    const draft = userDraft(null);
    const supervisor = withRole(draft, "supervisor");
    expect(supervisor.permissions).toEqual(permissionsOf("supervisor"));
    const own = { ...supervisor, permissions: [...supervisor.permissions, "administer" as const] };
    expect(withRole(own, "admin").permissions).toContain("monitor_live_calls");
  });

  it("serves queues only as an agent", () => {
    expect(userSave({ ...userDraft(ANA), role: "supervisor" }, ANA).queues).toEqual([]);
  });
});

it("names are needed, and not too long", () => {
  expect(nameWrongs("   ")).toEqual({ name: { key: "needed" } });
  expect(nameWrongs("x".repeat(81))).toEqual({ name: { key: "long", max: 80 } });
  // Characters count, not units of UTF-16.
  expect(nameWrongs("🙂".repeat(80))).toEqual({});
});

it("a queue's key follows from its name, and is sent only once", () => {
  expect(keyOf("  Rétours & Échanges ")).toBe("retours-echanges");
  expect(keyOf("返品")).toBe("");
  const draft = { ...queueDraft(null, "t1", "UTC"), name: "Returns", key: "Returns!" };
  expect(queueWrongs(draft)).toEqual({ key: { key: "key" } });
  expect(queueWrongs({ ...draft, key: "", team: "" })).toEqual({ key: { key: "needed" }, team: { key: "team" } });
  expect(queueSave({ ...draft, key: "returns" }, null)).toMatchObject({ key: "returns", name: "Returns", team: "t1" });
  const queue = {
    key: "returns",
    name: "Returns",
    team: "t1",
    open_to_guests: true,
    settings: draft.settings,
    wrap_up_codes: [],
    opening_hours: { zone: "UTC", weekly: [], closed_on: [] },
    revision: 3,
  };
  const sent = queueSave(queueDraft(queue, "t2", "UTC"), queue);
  expect(sent).toMatchObject({ team: "t1", revision: 3 });
  expect(sent).not.toHaveProperty("key");
});

it("a queue's codes are the lines of a text, each once, and its numbers are within the server's limits", () => {
  const draft = { ...queueDraft(null, "t1", "UTC"), name: "Returns", key: "returns" };
  expect(queueWrongs(draft)).toEqual({});
  const typed = { ...draft, codes: " Refund \n\n折り返し\nRefund\n", hold: "45" };
  const sent = queueSave(typed, null);
  expect(sent.wrap_up_codes).toEqual(["Refund", "折り返し"]);
  expect(sent.settings.signs).toEqual({ dead_air_s: 20, talk_over_percent: 25, hold_s: 45, help_s: 60 });
  const many = Array.from({ length: 41 }, (_, n) => `code ${n}`).join("\n");
  expect(Object.keys(queueWrongs({ ...draft, codes: many }))).toEqual(["codes"]);
  expect(Object.keys(queueWrongs({ ...draft, codes: "x".repeat(65) }))).toEqual(["codes"]);
  for (const [field, text] of [
    ["deadAir", "4"],
    ["talkOver", "101"],
    ["hold", "9"],
    ["helpWait", ""],
    ["goalPercent", "0"],
  ] as const) {
    expect(queueWrongs({ ...draft, [field]: text })).toMatchObject({ [field]: { key: "range" } });
  }
});

it("a reply without a queue is for every queue", () => {
  const draft = { ...replyDraft(null), title: "Hello", text: "Hi!" };
  expect(replySave(draft, null)).toEqual({ title: "Hello", text: "Hi!" });
  expect(replySave({ ...draft, queue: "support" }, null)).toMatchObject({ queue: "support" });
  expect(replyWrongs({ ...draft, title: "", text: "x".repeat(4001) })).toEqual({
    title: { key: "needed" },
    text: { key: "long", max: 4000 },
  });
});

it("policies keep what was typed until it is right", () => {
  const draft = policyDraft(POLICIES);
  expect(policyWrongs(draft)).toEqual({});
  expect(policySave(draft)).toEqual(POLICIES);
  for (const wrong of ["", "two", "1.5", "0", "21"]) {
    expect(policyWrongs({ ...draft, conversations_per_agent: wrong })).toEqual({
      conversations_per_agent: { key: "range", min: 1, max: 20 },
    });
  }
  expect(policySave({ ...draft, duck_db: " -12 ", hold_tone: true })).toEqual({
    ...POLICIES,
    duck_db: -12,
    hold_tone: true,
  });
});

it("some of many, in their own order", () => {
  expect(toggled(["c"], "a", ["a", "b", "c"])).toEqual(["a", "c"]);
  expect(toggled(["a", "c"], "a", ["a", "b", "c"])).toEqual(["c"]);
});

it("every word of a search is found somewhere", () => {
  const all = [
    { id: "1", name: "Ana Duarte" },
    { id: "2", name: "Luis Herrera" },
  ];
  const names = (search: string) => found(all, search, (one) => [one.name, "Support"]).map((one) => one.id);
  expect(names("")).toEqual(["1", "2"]);
  expect(names("sup DUA")).toEqual(["1"]);
  expect(names("ana luis")).toEqual([]);
  expect(namesOf(["2", "9"], all)).toEqual(["Luis Herrera"]);
});

describe("the record", () => {
  const entry = (
    before: Record<string, unknown> | undefined,
    after: Record<string, unknown> | undefined,
  ): AuditEntry => ({
    position: 1,
    at: 0,
    actor: { user: "1", name: "Ada" },
    action: before ? (after ? "changed" : "deleted") : "created",
    kind: "user",
    subject: "Ana",
    ...(before && { before }),
    ...(after && { after }),
  });

  it("shows what differs, and names first", () => {
    const changes = changesOf(
      entry({ skills: [], disabled: false, name: "Ana" }, { skills: ["Tax"], disabled: false, name: "Anna" }),
    );
    expect(changes).toEqual([
      { field: "name", before: "Ana", after: "Anna" },
      { field: "skills", before: [], after: ["Tax"] },
    ]);
  });

  it("leaves out what nobody chose", () => {
    expect(changesOf(entry(undefined, { name: "Ana", queues: [], queue: null }))).toEqual([
      { field: "name", before: undefined, after: "Ana" },
    ]);
    expect(changesOf(entry({ name: "Ana" }, undefined))).toEqual([{ field: "name", before: "Ana", after: undefined }]);
  });

  it("puts values into words", () => {
    const words = { yes: "yes", no: "no", nothing: "nothing" };
    const named = (value: string) => value.toUpperCase();
    expect([true, false, [], null, ["a", "b"], "push", 3].map((value) => valueText(value, words, named))).toEqual([
      "yes",
      "no",
      "nothing",
      "nothing",
      "A, B",
      "PUSH",
      "3",
    ]);
  });
});

it("a path names a part of the page", () => {
  expect(sectionOf("/admin/audit")).toBe("audit");
  expect(sectionOf("/admin")).toBe("users");
  expect(sectionOf("/admin/salaries")).toBe("users");
});

it("every word is there in both languages", () => {
  const keys = (words: object, path = ""): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "string" ? [`${path}${key}`] : keys(value as object, `${path}${key}.`),
    );
  expect(keys(ja)).toEqual(keys(en));
});
