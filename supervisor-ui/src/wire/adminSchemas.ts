// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

import * as v from "valibot";
import type * as wire from "./generated";
import { type Schema } from "./schema";

export const Delivery: Schema<wire.Delivery> = v.picklist(["push", "pull"]);

export const ServiceGoal: Schema<wire.ServiceGoal> = v.object({
  percent: v.number(),
  seconds: v.number(),
});

export const SignThresholds: Schema<wire.SignThresholds> = v.object({
  dead_air_s: v.number(),
  talk_over_percent: v.number(),
  hold_s: v.number(),
  help_s: v.number(),
});

export const QueueSettings: Schema<wire.QueueSettings> = v.object({
  delivery: Delivery,
  private_chat: v.boolean(),
  help: v.boolean(),
  mood: v.boolean(),
  transcript_download: v.boolean(),
  tell_place: v.boolean(),
  goal: ServiceGoal,
  signs: SignThresholds,
});

export const Weekday: Schema<wire.Weekday> = v.picklist(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

export const OpenSpan: Schema<wire.OpenSpan> = v.object({
  day: Weekday,
  from: v.string(),
  until: v.string(),
});

export const OpeningHours: Schema<wire.OpeningHours> = v.object({
  zone: v.string(),
  weekly: v.array(OpenSpan),
  closed_on: v.array(v.string()),
});

export const AdminQueue: Schema<wire.AdminQueue> = v.object({
  key: v.string(),
  name: v.string(),
  team: v.string(),
  open_to_guests: v.boolean(),
  settings: QueueSettings,
  wrap_up_codes: v.array(v.string()),
  opening_hours: OpeningHours,
  revision: v.number(),
});

export const AdminQueueList: Schema<wire.AdminQueueList> = v.object({
  queues: v.array(AdminQueue),
});

export const AdminName: Schema<wire.AdminName> = v.object({
  id: v.string(),
  name: v.string(),
  revision: v.number(),
});

export const AdminSkillList: Schema<wire.AdminSkillList> = v.object({
  skills: v.array(AdminName),
});

export const AdminTeamList: Schema<wire.AdminTeamList> = v.object({
  teams: v.array(AdminName),
});

export const Role: Schema<wire.Role> = v.picklist(["caller", "agent", "supervisor", "admin"]);

export const Permission: Schema<wire.Permission> = v.picklist([
  "view_contact_center_dashboard",
  "monitor_live_calls",
  "whisper_live_calls",
  "barge_live_calls",
  "take_calls",
  "place_calls",
  "administer",
  "read_audit",
]);

export const AdminUser: Schema<wire.AdminUser> = v.object({
  id: v.string(),
  username: v.string(),
  name: v.string(),
  role: Role,
  permissions: v.array(Permission),
  teams: v.array(v.string()),
  queues: v.array(v.string()),
  skills: v.array(v.string()),
  disabled: v.boolean(),
  revision: v.number(),
});

export const AdminUserList: Schema<wire.AdminUserList> = v.object({
  users: v.array(AdminUser),
});

export const UserRef: Schema<wire.UserRef> = v.object({
  user: v.string(),
  name: v.string(),
});

export const AuditAction: Schema<wire.AuditAction> = v.picklist(["created", "changed", "deleted"]);

export const AuditKind: Schema<wire.AuditKind> = v.picklist([
  "user",
  "team",
  "queue",
  "skill",
  "whisper_rule",
  "policies",
  "reply",
  "brand",
]);

export const AuditEntry: Schema<wire.AuditEntry> = v.object({
  position: v.number(),
  at: v.number(),
  actor: UserRef,
  action: AuditAction,
  kind: AuditKind,
  subject: v.string(),
  before: v.exactOptional(v.record(v.string(), v.unknown())),
  after: v.exactOptional(v.record(v.string(), v.unknown())),
});

export const AuditPage: Schema<wire.AuditPage> = v.object({
  entries: v.array(AuditEntry),
  next: v.exactOptional(v.number()),
});

export const Brand: Schema<wire.Brand> = v.object({
  name: v.string(),
  accent: v.string(),
  privacy_url: v.string(),
  closed_message: v.string(),
});

export const BrandView: Schema<wire.BrandView> = v.object({
  brand: Brand,
  revision: v.number(),
});

export const CannedReply: Schema<wire.CannedReply> = v.object({
  id: v.string(),
  title: v.string(),
  text: v.string(),
  queue: v.exactOptional(v.string()),
  revision: v.number(),
});

export const CannedReplyList: Schema<wire.CannedReplyList> = v.object({
  replies: v.array(CannedReply),
});

export const Policies: Schema<wire.Policies> = v.object({
  notify_agent_on_listen: v.boolean(),
  supervisors_hear_whispers: v.boolean(),
  whisper_beep: v.boolean(),
  barge_tone_caller: v.boolean(),
  barge_tone_agents: v.boolean(),
  hold_tone: v.boolean(),
  agents_hear_take_over: v.boolean(),
  duck_db: v.number(),
  ring_timeout_s: v.number(),
  call_wait_s: v.number(),
  conversations_per_agent: v.number(),
  offer_timeout_s: v.number(),
  conversation_wait_s: v.number(),
  handover_wait_s: v.number(),
  messages_per_minute: v.number(),
  after_call_s: v.exactOptional(v.number()),
});

export const PoliciesView: Schema<wire.PoliciesView> = v.object({
  policies: Policies,
  revision: v.number(),
});

export const TelephonyWayState: Schema<wire.TelephonyWayState> = v.picklist(["not_asked", "unknown", "up", "down"]);

export const TelephonyWay: Schema<wire.TelephonyWay> = v.object({
  name: v.string(),
  state: TelephonyWayState,
  since: v.exactOptional(v.number()),
  answered_at: v.exactOptional(v.number()),
  status: v.exactOptional(v.number()),
  registered_until: v.exactOptional(v.number()),
});

export const TelephonyView: Schema<wire.TelephonyView> = v.object({
  trunks: v.array(TelephonyWay),
  lines: v.array(TelephonyWay),
});

export const WhisperRuleView: Schema<wire.WhisperRuleView> = v.object({
  agents: v.boolean(),
  colleagues: v.boolean(),
  supervisors: v.boolean(),
  skills: v.array(v.string()),
  revision: v.number(),
});
