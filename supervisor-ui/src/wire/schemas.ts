// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

import * as v from "valibot";
import type * as wire from "./generated";
import { type Schema } from "./schema";

export const AddNote: Schema<wire.AddNote> = v.object({
  text: v.string(),
  wrap_up: v.exactOptional(v.string()),
});

export const AddNumber: Schema<wire.AddNumber> = v.object({
  number: v.string(),
  transfer: v.boolean(),
});

export const AddingProgress: Schema<wire.AddingProgress> = v.picklist(["calling", "ringing", "failed"]);

export const UserRef: Schema<wire.UserRef> = v.object({
  user: v.string(),
  name: v.string(),
});

export const EndReason: Schema<wire.EndReason> = v.picklist([
  "caller",
  "agent",
  "no_agent",
  "no_media",
  "lost",
  "server",
  "busy",
  "declined",
  "no_answer",
  "no_such_number",
  "trunk_refused",
  "no_common_codec",
  "trunk_failed",
]);

export const AddingView: Schema<wire.AddingView> = v.object({
  by: UserRef,
  number: v.string(),
  transfer: v.boolean(),
  progress: AddingProgress,
  reason: v.exactOptional(EndReason),
});

export const AdminName: Schema<wire.AdminName> = v.object({
  id: v.string(),
  name: v.string(),
  revision: v.number(),
});

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

export const PresenceState: Schema<wire.PresenceState> = v.picklist([
  "ready",
  "not_ready",
  "ringing",
  "active",
  "offline",
]);

export const AgentDestination: Schema<wire.AgentDestination> = v.object({
  user: v.string(),
  name: v.string(),
  state: PresenceState,
});

export const AgentView: Schema<wire.AgentView> = v.object({
  user: v.string(),
  name: v.string(),
  queues: v.array(v.string()),
  state: PresenceState,
  reason: v.exactOptional(v.string()),
  since: v.number(),
  until: v.exactOptional(v.number()),
  supervisor: v.exactOptional(v.boolean()),
});

export const AgentList: Schema<wire.AgentList> = v.object({
  agents: v.array(AgentView),
});

export const AgentPresenceResult: Schema<wire.AgentPresenceResult> = v.object({
  state: PresenceState,
});

export const Mode: Schema<wire.Mode> = v.picklist(["listen", "whisper", "barge", "take_over"]);

export const AttachStation: Schema<wire.AttachStation> = v.object({
  station: v.string(),
  mode: v.exactOptional(Mode),
});

export const AttachmentView: Schema<wire.AttachmentView> = v.object({
  id: v.string(),
  name: v.string(),
  media_type: v.string(),
  size_bytes: v.number(),
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

export const CallPhase: Schema<wire.CallPhase> = v.picklist(["waiting", "ringing", "dialing", "active", "ended"]);

export const CallerInfo: Schema<wire.CallerInfo> = v.object({
  name: v.string(),
  number: v.exactOptional(v.string()),
});

export const CallerSource: Schema<wire.CallerSource> = v.picklist(["stated", "network", "dialed"]);

export const OutboundProgress: Schema<wire.OutboundProgress> = v.picklist(["calling", "ringing", "taken"]);

export const OutboundView: Schema<wire.OutboundView> = v.object({
  by: UserRef,
  progress: OutboundProgress,
});

export const MediaFault: Schema<wire.MediaFault> = v.picklist([
  "wrong_payload_type",
  "wrong_source",
  "nothing_received",
  "nothing_arrives",
  "digital_silence",
  "clipping",
]);

export const LegView: Schema<wire.LegView> = v.object({
  id: v.string(),
  user: v.string(),
  name: v.string(),
  role: Role,
  mode: v.exactOptional(Mode),
  coach: v.exactOptional(v.string()),
  mode_since: v.exactOptional(v.number()),
  consulted_by: v.exactOptional(v.string()),
  muted: v.boolean(),
  lost: v.boolean(),
  echo: v.exactOptional(v.boolean()),
  fault: v.exactOptional(MediaFault),
  joined_at: v.number(),
});

export const HelpState: Schema<wire.HelpState> = v.picklist(["open", "in_progress", "closed", "cancelled"]);

export const HelpView: Schema<wire.HelpView> = v.object({
  leg: v.string(),
  agent: v.string(),
  reason: v.exactOptional(v.string()),
  state: HelpState,
  requested_at: v.number(),
  taken_by: v.exactOptional(UserRef),
  taken_at: v.exactOptional(v.number()),
  ended_at: v.exactOptional(v.number()),
});

export const HandoverKind: Schema<wire.HandoverKind> = v.picklist(["transfer", "consultation", "conference"]);

export const Destination: Schema<wire.Destination> = v.union([
  v.object({
    queue: v.string(),
  }),
  v.object({
    agent: v.string(),
  }),
]);

export const HandoverView: Schema<wire.HandoverView> = v.object({
  id: v.string(),
  kind: HandoverKind,
  from: UserRef,
  to: Destination,
  to_name: v.string(),
  note: v.exactOptional(v.string()),
  requested_at: v.number(),
});

export const ConsultationState: Schema<wire.ConsultationState> = v.picklist(["ringing", "talking"]);

export const ConsultationView: Schema<wire.ConsultationView> = v.object({
  state: ConsultationState,
  by: v.string(),
  with: v.string(),
  leg: v.exactOptional(v.string()),
  since: v.number(),
});

export const MoodView: Schema<wire.MoodView> = v.object({
  value: v.number(),
  trend: v.number(),
});

export const TalkView: Schema<wire.TalkView> = v.object({
  caller_share: v.number(),
  talk_over: v.number(),
  dead_air: v.number(),
  silent_ms: v.number(),
  caller_raised: v.boolean(),
  agent_raised: v.boolean(),
});

export const CallView: Schema<wire.CallView> = v.object({
  id: v.string(),
  state: CallPhase,
  queue: v.exactOptional(v.string()),
  caller: CallerInfo,
  caller_source: v.exactOptional(CallerSource),
  outbound: v.exactOptional(OutboundView),
  adding: v.exactOptional(AddingView),
  legs: v.array(LegView),
  place: v.exactOptional(v.number()),
  ringing: v.exactOptional(UserRef),
  held: v.boolean(),
  placed_at: v.number(),
  answered_at: v.exactOptional(v.number()),
  help: v.exactOptional(HelpView),
  handovers: v.exactOptional(v.array(HandoverView)),
  consultation: v.exactOptional(ConsultationView),
  transferring_to: v.exactOptional(v.string()),
  mood: v.exactOptional(MoodView),
  talk: v.exactOptional(TalkView),
  listen_told: v.exactOptional(v.boolean()),
  agents_apart: v.exactOptional(v.boolean()),
  own_leg: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
  end_reason: v.exactOptional(EndReason),
});

export const CallList: Schema<wire.CallList> = v.object({
  calls: v.array(CallView),
});

export const CallMeters: Schema<wire.CallMeters> = v.object({
  call: v.string(),
  legs: v.array(v.number()),
});

export const CallMood: Schema<wire.CallMood> = v.object({
  call: v.string(),
  mood: MoodView,
  talk: TalkView,
});

export const TimeSpread: Schema<wire.TimeSpread> = v.object({
  median: v.number(),
  p90: v.number(),
  p95: v.number(),
  mean: v.number(),
  max: v.number(),
});

export const CallReportFigures: Schema<wire.CallReportFigures> = v.object({
  offered: v.number(),
  answered: v.number(),
  abandoned: v.number(),
  within_goal: v.number(),
  missed: v.number(),
  missed_chats: v.number(),
  declined: v.number(),
  wait: v.exactOptional(TimeSpread),
  handle: v.exactOptional(TimeSpread),
  hold: v.exactOptional(TimeSpread),
  wrap: v.exactOptional(TimeSpread),
});

export const CallReportRow: Schema<wire.CallReportRow> = v.object({
  start: v.exactOptional(v.number()),
  queue: v.exactOptional(v.string()),
  goal: v.exactOptional(ServiceGoal),
  agent: v.exactOptional(UserRef),
  figures: CallReportFigures,
});

export const CallReport: Schema<wire.CallReport> = v.object({
  rows: v.array(CallReportRow),
  total: CallReportFigures,
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

export const ChatView: Schema<wire.ChatView> = v.object({
  id: v.string(),
  with: UserRef,
  own: v.boolean(),
  pending: v.boolean(),
  unread: v.number(),
  read_up_to: v.number(),
  messages: v.number(),
  opened_at: v.number(),
  ended: v.boolean(),
});

export const ChatList: Schema<wire.ChatList> = v.object({
  chats: v.array(ChatView),
});

export const ChatMessageView: Schema<wire.ChatMessageView> = v.object({
  number: v.number(),
  own: v.boolean(),
  at: v.number(),
  text: v.string(),
  client_id: v.exactOptional(v.string()),
});

export const ChatMessagePage: Schema<wire.ChatMessagePage> = v.object({
  messages: v.array(ChatMessageView),
  more: v.boolean(),
});

export const ColleagueList: Schema<wire.ColleagueList> = v.object({
  colleagues: v.array(UserRef),
});

export const ConferenceRequest: Schema<wire.ConferenceRequest> = v.object({
  to: Destination,
  note: v.exactOptional(v.string()),
});

export const ConsultationAction: Schema<wire.ConsultationAction> = v.picklist(["transfer", "merge", "cancel"]);

export const ConsultationUpdate: Schema<wire.ConsultationUpdate> = v.object({
  action: ConsultationAction,
});

export const ConversationEnd: Schema<wire.ConversationEnd> = v.picklist(["requester", "agent", "no_agents", "server"]);

export const ConversationPhase: Schema<wire.ConversationPhase> = v.picklist(["waiting", "active", "parked", "ended"]);

export const MemberPart: Schema<wire.MemberPart> = v.picklist(["requester", "agent", "colleague", "supervisor"]);

export const MemberView: Schema<wire.MemberView> = v.object({
  user: v.string(),
  name: v.string(),
  part: MemberPart,
  mode: v.exactOptional(Mode),
  since: v.number(),
});

export const MarkKind: Schema<wire.MarkKind> = v.picklist(["delivered", "read"]);

export const MarkView: Schema<wire.MarkView> = v.object({
  user: v.string(),
  kind: MarkKind,
  up_to: v.number(),
});

export const ConversationRights: Schema<wire.ConversationRights> = v.object({
  write_public: v.boolean(),
  write_private: v.exactOptional(v.boolean()),
  transcript: v.boolean(),
});

export const HelpRequestView: Schema<wire.HelpRequestView> = v.object({
  agent: UserRef,
  reason: v.exactOptional(v.string()),
  state: HelpState,
  raised_at: v.number(),
  taken_by: v.exactOptional(UserRef),
  taken_at: v.exactOptional(v.number()),
});

export const ConversationView: Schema<wire.ConversationView> = v.object({
  id: v.string(),
  state: ConversationPhase,
  channel: v.string(),
  call: v.exactOptional(v.string()),
  queue: v.exactOptional(v.string()),
  requester: UserRef,
  subject: v.exactOptional(v.string()),
  members: v.array(MemberView),
  messages: v.number(),
  marks: v.array(MarkView),
  transferring_to: v.exactOptional(v.string()),
  opened_at: v.number(),
  answered_at: v.exactOptional(v.number()),
  may: ConversationRights,
  help: v.exactOptional(HelpRequestView),
  handovers: v.exactOptional(v.array(HandoverView)),
  mood: v.exactOptional(MoodView),
  place: v.exactOptional(v.number()),
  revision: v.exactOptional(v.number()),
  end_reason: v.exactOptional(ConversationEnd),
});

export const ConversationList: Schema<wire.ConversationList> = v.object({
  conversations: v.array(ConversationView),
});

export const ConversationOffer: Schema<wire.ConversationOffer> = v.object({
  conversation: ConversationView,
  handover: v.exactOptional(HandoverView),
  expires_at: v.number(),
});

export const KnownBy: Schema<wire.KnownBy> = v.picklist(["number", "channel", "account", "visitor"]);

export const InteractionKind: Schema<wire.InteractionKind> = v.picklist(["call", "conversation"]);

export const InteractionView: Schema<wire.InteractionView> = v.object({
  id: v.string(),
  kind: InteractionKind,
  channel: v.string(),
  queue: v.exactOptional(v.string()),
  requester: UserRef,
  dialed_by: v.exactOptional(UserRef),
  subject: v.exactOptional(v.string()),
  opened_at: v.number(),
  answered_at: v.exactOptional(v.number()),
  ended_at: v.exactOptional(v.number()),
  end_reason: v.exactOptional(v.string()),
  agents: v.array(UserRef),
  help: v.exactOptional(HelpState),
  codes: v.array(v.string()),
});

export const CustomerContacts: Schema<wire.CustomerContacts> = v.object({
  known_by: v.exactOptional(KnownBy),
  contacts: v.array(InteractionView),
});

export const DeliveryFailureCause: Schema<wire.DeliveryFailureCause> = v.picklist(["refused", "expired", "unsendable"]);

export const DeliveryFailureView: Schema<wire.DeliveryFailureView> = v.object({
  cause: DeliveryFailureCause,
  detail: v.exactOptional(v.string()),
});

export const QueueDestination: Schema<wire.QueueDestination> = v.object({
  queue: v.string(),
  name: v.string(),
  available: v.number(),
});

export const DestinationList: Schema<wire.DestinationList> = v.object({
  queues: v.array(QueueDestination),
  agents: v.array(AgentDestination),
});

export const DialNumber: Schema<wire.DialNumber> = v.object({
  station: v.string(),
  number: v.string(),
});

export const Named: Schema<wire.Named> = v.object({
  id: v.string(),
  name: v.string(),
});

export const Queue: Schema<wire.Queue> = v.object({
  id: v.string(),
  name: v.string(),
  team: v.string(),
});

export const User: Schema<wire.User> = v.object({
  id: v.string(),
  username: v.string(),
  name: v.string(),
  role: Role,
  permissions: v.array(Permission),
  teams: v.array(Named),
  queues: v.array(Queue),
});

export const Offer: Schema<wire.Offer> = v.object({
  call: CallView,
  handover: v.exactOptional(HandoverView),
  expires_at: v.number(),
});

export const PolicyView: Schema<wire.PolicyView> = v.object({
  notify_agent_on_listen: v.boolean(),
});

export const Snapshot: Schema<wire.Snapshot> = v.object({
  me: User,
  calls: v.array(CallView),
  agents: v.array(AgentView),
  offer: v.exactOptional(Offer),
  policy: v.exactOptional(PolicyView),
});

export const HandoverOutcome: Schema<wire.HandoverOutcome> = v.picklist([
  "accepted",
  "no_agents",
  "declined",
  "cancelled",
]);

export const StationState: Schema<wire.StationState> = v.picklist(["connecting", "connected"]);

export const StationView: Schema<wire.StationView> = v.object({
  id: v.string(),
  state: StationState,
  fault: v.exactOptional(MediaFault),
});

export const StationEnd: Schema<wire.StationEnd> = v.picklist([
  "closed",
  "by_client",
  "lost",
  "no_ice",
  "no_dtls",
  "dtls_failed",
  "wrong_certificate",
]);

export const Envelope: Schema<wire.Envelope> = v.variant("type", [
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("snapshot"),
    me: User,
    calls: v.array(CallView),
    agents: v.array(AgentView),
    offer: v.exactOptional(Offer),
    policy: v.exactOptional(PolicyView),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.offered"),
    call: CallView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.offer_ended"),
    call: v.string(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.updated"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.started"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.ended"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.joined"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.left"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.changed"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("supervision.started"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("supervision.mode_changed"),
    call: CallView,
    leg: LegView,
    from: Mode,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("supervision.ended"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("help.changed"),
    call: CallView,
    request: HelpView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.handover_requested"),
    call: CallView,
    handover: HandoverView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.handover_ended"),
    call: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
    by: v.exactOptional(UserRef),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("presence.changed"),
    agent: AgentView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("meters"),
    calls: v.array(CallMeters),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("moods"),
    calls: v.array(CallMood),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("station.changed"),
    station: StationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("station.closed"),
    station: v.string(),
    reason: StationEnd,
  }),
]);

export const Event: Schema<wire.Event> = v.variant("type", [
  v.object({
    type: v.literal("snapshot"),
    me: User,
    calls: v.array(CallView),
    agents: v.array(AgentView),
    offer: v.exactOptional(Offer),
    policy: v.exactOptional(PolicyView),
  }),
  v.object({
    type: v.literal("call.offered"),
    call: CallView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    type: v.literal("call.offer_ended"),
    call: v.string(),
  }),
  v.object({
    type: v.literal("call.updated"),
    call: CallView,
  }),
  v.object({
    type: v.literal("call.started"),
    call: CallView,
  }),
  v.object({
    type: v.literal("call.ended"),
    call: CallView,
  }),
  v.object({
    type: v.literal("leg.joined"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    type: v.literal("leg.left"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    type: v.literal("leg.changed"),
    call: CallView,
  }),
  v.object({
    type: v.literal("supervision.started"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    type: v.literal("supervision.mode_changed"),
    call: CallView,
    leg: LegView,
    from: Mode,
  }),
  v.object({
    type: v.literal("supervision.ended"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    type: v.literal("help.changed"),
    call: CallView,
    request: HelpView,
  }),
  v.object({
    type: v.literal("call.handover_requested"),
    call: CallView,
    handover: HandoverView,
  }),
  v.object({
    type: v.literal("call.handover_ended"),
    call: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
    by: v.exactOptional(UserRef),
  }),
  v.object({
    type: v.literal("presence.changed"),
    agent: AgentView,
  }),
  v.object({
    type: v.literal("meters"),
    calls: v.array(CallMeters),
  }),
  v.object({
    type: v.literal("moods"),
    calls: v.array(CallMood),
  }),
  v.object({
    type: v.literal("station.changed"),
    station: StationView,
  }),
  v.object({
    type: v.literal("station.closed"),
    station: v.string(),
    reason: StationEnd,
  }),
]);

export const QueueClosed: Schema<wire.QueueClosed> = v.object({
  opens_at: v.exactOptional(v.number()),
});

export const GuestQueue: Schema<wire.GuestQueue> = v.object({
  id: v.string(),
  name: v.string(),
  team: v.string(),
  closed: v.exactOptional(QueueClosed),
});

export const GuestRequest: Schema<wire.GuestRequest> = v.object({
  name: v.string(),
});

export const HelpAction: Schema<wire.HelpAction> = v.picklist(["raise", "take", "close"]);

export const HelpReason: Schema<wire.HelpReason> = v.object({
  reason: v.string(),
  count: v.number(),
});

export const HelpReportRow: Schema<wire.HelpReportRow> = v.object({
  day: v.number(),
  agent: UserRef,
  team: v.exactOptional(v.string()),
  queue: v.exactOptional(v.string()),
  count: v.number(),
  answered: v.number(),
  cancelled: v.number(),
  answer_ms_mean: v.exactOptional(v.number()),
  answer_ms_max: v.exactOptional(v.number()),
});

export const HelpReport: Schema<wire.HelpReport> = v.object({
  rows: v.array(HelpReportRow),
  reasons: v.array(HelpReason),
});

export const HelpRequest: Schema<wire.HelpRequest> = v.object({
  action: HelpAction,
  reason: v.exactOptional(v.string()),
});

export const RecordMember: Schema<wire.RecordMember> = v.object({
  user: v.string(),
  name: v.string(),
  part: MemberPart,
});

export const MessageView: Schema<wire.MessageView> = v.object({
  number: v.number(),
  public: v.exactOptional(v.number()),
  author: UserRef,
  part: MemberPart,
  at: v.number(),
  text: v.string(),
  attachments: v.array(AttachmentView),
  client_id: v.exactOptional(v.string()),
  delivery_failure: v.exactOptional(DeliveryFailureView),
});

export const NoteView: Schema<wire.NoteView> = v.object({
  at: v.number(),
  author: UserRef,
  text: v.string(),
  wrap_up: v.exactOptional(v.string()),
});

export const PartySound: Schema<wire.PartySound> = v.object({
  user: v.string(),
  name: v.string(),
  received_packets: v.number(),
  restored_packets: v.number(),
  lost_packets: v.number(),
  late_packets: v.number(),
  fec_ms: v.number(),
  concealed_ms: v.number(),
  delay_ms: v.number(),
});

export const InteractionDetail: Schema<wire.InteractionDetail> = v.object({
  interaction: InteractionView,
  members: v.array(RecordMember),
  messages: v.array(MessageView),
  notes: v.array(NoteView),
  sound: v.exactOptional(v.array(PartySound)),
});

export const InteractionPage: Schema<wire.InteractionPage> = v.object({
  interactions: v.array(InteractionView),
  next: v.exactOptional(v.string()),
});

export const LegState: Schema<wire.LegState> = v.object({
  leg: v.string(),
  mode: v.exactOptional(Mode),
  revision: v.exactOptional(v.number()),
});

export const LegUpdate: Schema<wire.LegUpdate> = v.object({
  mode: v.exactOptional(Mode),
  coach: v.exactOptional(v.string()),
  announce: v.exactOptional(v.boolean()),
  muted: v.exactOptional(v.boolean()),
  echo: v.exactOptional(v.boolean()),
  station: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
});

export const LoginRequest: Schema<wire.LoginRequest> = v.object({
  username: v.string(),
  password: v.string(),
});

export const LoginResponse: Schema<wire.LoginResponse> = v.object({
  token: v.string(),
  expires_at: v.number(),
  user: User,
});

export const MarkRequest: Schema<wire.MarkRequest> = v.object({
  kind: MarkKind,
  up_to: v.number(),
});

export const MessagePage: Schema<wire.MessagePage> = v.object({
  messages: v.array(MessageView),
  more: v.boolean(),
});

export const MessageReceipt: Schema<wire.MessageReceipt> = v.object({
  number: v.number(),
  public: v.exactOptional(v.number()),
  at: v.number(),
});

export const MissedOffer: Schema<wire.MissedOffer> = v.object({
  at: v.number(),
  kind: InteractionKind,
  queue: v.exactOptional(v.string()),
});

export const OfferAnswer: Schema<wire.OfferAnswer> = v.object({
  handover: v.exactOptional(v.string()),
});

export const OpenConversation: Schema<wire.OpenConversation> = v.object({
  queue: v.string(),
  subject: v.exactOptional(v.string()),
  visitor: v.exactOptional(v.string()),
});

export const OutboundRule: Schema<wire.OutboundRule> = v.object({
  prefixes: v.array(v.string()),
});

export const OwnDay: Schema<wire.OwnDay> = v.object({
  answered: v.number(),
  declined: v.number(),
  handle_median_ms: v.exactOptional(v.number()),
  missed: v.array(MissedOffer),
  help: v.number(),
});

export const PasswordChange: Schema<wire.PasswordChange> = v.object({
  current: v.string(),
  new: v.string(),
});

export const PlaceCall: Schema<wire.PlaceCall> = v.object({
  station: v.string(),
  to: Destination,
  caller: v.exactOptional(CallerInfo),
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

export const PostChatMessage: Schema<wire.PostChatMessage> = v.object({
  text: v.string(),
  client_id: v.string(),
});

export const Visibility: Schema<wire.Visibility> = v.picklist(["public", "private"]);

export const PostMessage: Schema<wire.PostMessage> = v.object({
  text: v.string(),
  visibility: Visibility,
  client_id: v.string(),
  attachments: v.exactOptional(v.array(v.string())),
});

export const PresenceChoice: Schema<wire.PresenceChoice> = v.picklist(["ready", "not_ready"]);

export const PresenceNeed: Schema<wire.PresenceNeed> = v.picklist(["event_stream", "station"]);

export const PresenceRequest: Schema<wire.PresenceRequest> = v.object({
  state: PresenceChoice,
  reason: v.exactOptional(v.string()),
});

export const PresenceResult: Schema<wire.PresenceResult> = v.object({
  state: PresenceState,
  missing: v.array(PresenceNeed),
});

export const Problem: Schema<wire.Problem> = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  cause: v.exactOptional(v.string()),
  call: v.exactOptional(CallView),
});

export const QueueChoices: Schema<wire.QueueChoices> = v.object({
  queue: v.string(),
  wrap_up_codes: v.array(v.string()),
  signs: SignThresholds,
});

export const QueueChoiceList: Schema<wire.QueueChoiceList> = v.object({
  queues: v.array(QueueChoices),
});

export const QueueList: Schema<wire.QueueList> = v.object({
  queues: v.array(GuestQueue),
  brand: Brand,
});

export const ReadChat: Schema<wire.ReadChat> = v.object({
  up_to: v.number(),
});

export const SaveName: Schema<wire.SaveName> = v.object({
  name: v.string(),
  revision: v.exactOptional(v.number()),
});

export const SaveQueueSettings: Schema<wire.SaveQueueSettings> = v.object({
  delivery: Delivery,
  private_chat: v.boolean(),
  help: v.boolean(),
  mood: v.boolean(),
  transcript_download: v.boolean(),
  tell_place: v.exactOptional(v.boolean()),
  goal: v.exactOptional(ServiceGoal),
  signs: v.exactOptional(SignThresholds),
});

export const SaveQueue: Schema<wire.SaveQueue> = v.object({
  key: v.exactOptional(v.string()),
  name: v.string(),
  team: v.string(),
  open_to_guests: v.boolean(),
  settings: SaveQueueSettings,
  wrap_up_codes: v.exactOptional(v.array(v.string())),
  opening_hours: v.exactOptional(OpeningHours),
  revision: v.exactOptional(v.number()),
});

export const SaveReply: Schema<wire.SaveReply> = v.object({
  title: v.string(),
  text: v.string(),
  queue: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
});

export const SaveUser: Schema<wire.SaveUser> = v.object({
  username: v.string(),
  name: v.string(),
  role: Role,
  permissions: v.array(Permission),
  teams: v.array(v.string()),
  queues: v.array(v.string()),
  skills: v.array(v.string()),
  disabled: v.boolean(),
  password: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
});

export const SignInView: Schema<wire.SignInView> = v.object({
  id: v.string(),
  since: v.number(),
  expires_at: v.number(),
  client: v.string(),
  user_agent: v.string(),
  own: v.boolean(),
  connected: v.boolean(),
});

export const SignInList: Schema<wire.SignInList> = v.object({
  sign_ins: v.array(SignInView),
});

export const StartChat: Schema<wire.StartChat> = v.object({
  with: v.string(),
});

export const SupervisionEnd: Schema<wire.SupervisionEnd> = v.picklist([
  "running",
  "mode_changed",
  "stopped",
  "other",
  "cut_off",
  "refused",
  "unknown",
]);

export const SupervisionReportRow: Schema<wire.SupervisionReportRow> = v.object({
  supervisor: UserRef,
  mode: Mode,
  agents: v.array(UserRef),
  interaction: v.string(),
  kind: v.exactOptional(InteractionKind),
  queue: v.exactOptional(v.string()),
  from: v.number(),
  until: v.exactOptional(v.number()),
  end: SupervisionEnd,
  detail: v.exactOptional(v.string()),
});

export const SupervisionReport: Schema<wire.SupervisionReport> = v.object({
  rows: v.array(SupervisionReportRow),
});

export const SupervisionRequest: Schema<wire.SupervisionRequest> = v.object({
  mode: Mode,
  announce: v.boolean(),
  revision: v.exactOptional(v.number()),
});

export const SupervisionState: Schema<wire.SupervisionState> = v.object({
  mode: Mode,
  revision: v.number(),
});

export const TagRequest: Schema<wire.TagRequest> = v.object({
  user: v.string(),
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

export const TextSnapshot: Schema<wire.TextSnapshot> = v.object({
  conversations: v.array(ConversationView),
  offers: v.array(ConversationOffer),
  waiting: v.array(ConversationView),
  chats: v.array(ChatView),
});

export const TextEnvelope: Schema<wire.TextEnvelope> = v.variant("type", [
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("text.snapshot"),
    conversations: v.array(ConversationView),
    offers: v.array(ConversationOffer),
    waiting: v.array(ConversationView),
    chats: v.array(ChatView),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.offered"),
    conversation: ConversationView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.offer_ended"),
    conversation: v.string(),
    handover: v.exactOptional(v.string()),
    taken_by: v.exactOptional(UserRef),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.list_changed"),
    queue: v.string(),
    waiting: v.array(ConversationView),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.updated"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.joined"),
    conversation: ConversationView,
    member: MemberView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.left"),
    conversation: ConversationView,
    member: UserRef,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.tagged"),
    conversation: ConversationView,
    by: UserRef,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.posted"),
    conversation: v.string(),
    message: MessageView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.typing"),
    conversation: v.string(),
    user: UserRef,
    typing: v.boolean(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.marked"),
    conversation: v.string(),
    mark: MarkView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.not_delivered"),
    conversation: v.string(),
    public: v.number(),
    failure: DeliveryFailureView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.help_changed"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.transferring"),
    conversation: ConversationView,
    to: v.string(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.handover_requested"),
    conversation: ConversationView,
    handover: HandoverView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.handover_ended"),
    conversation: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.ended"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("chat.updated"),
    chat: ChatView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("chat.message"),
    chat: ChatView,
    message: ChatMessageView,
  }),
]);

export const TextEvent: Schema<wire.TextEvent> = v.variant("type", [
  v.object({
    type: v.literal("text.snapshot"),
    conversations: v.array(ConversationView),
    offers: v.array(ConversationOffer),
    waiting: v.array(ConversationView),
    chats: v.array(ChatView),
  }),
  v.object({
    type: v.literal("conversation.offered"),
    conversation: ConversationView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    type: v.literal("conversation.offer_ended"),
    conversation: v.string(),
    handover: v.exactOptional(v.string()),
    taken_by: v.exactOptional(UserRef),
  }),
  v.object({
    type: v.literal("conversation.list_changed"),
    queue: v.string(),
    waiting: v.array(ConversationView),
  }),
  v.object({
    type: v.literal("conversation.updated"),
    conversation: ConversationView,
  }),
  v.object({
    type: v.literal("conversation.joined"),
    conversation: ConversationView,
    member: MemberView,
  }),
  v.object({
    type: v.literal("conversation.left"),
    conversation: ConversationView,
    member: UserRef,
  }),
  v.object({
    type: v.literal("conversation.tagged"),
    conversation: ConversationView,
    by: UserRef,
  }),
  v.object({
    type: v.literal("message.posted"),
    conversation: v.string(),
    message: MessageView,
  }),
  v.object({
    type: v.literal("message.typing"),
    conversation: v.string(),
    user: UserRef,
    typing: v.boolean(),
  }),
  v.object({
    type: v.literal("message.marked"),
    conversation: v.string(),
    mark: MarkView,
  }),
  v.object({
    type: v.literal("message.not_delivered"),
    conversation: v.string(),
    public: v.number(),
    failure: DeliveryFailureView,
  }),
  v.object({
    type: v.literal("conversation.help_changed"),
    conversation: ConversationView,
  }),
  v.object({
    type: v.literal("conversation.transferring"),
    conversation: ConversationView,
    to: v.string(),
  }),
  v.object({
    type: v.literal("conversation.handover_requested"),
    conversation: ConversationView,
    handover: HandoverView,
  }),
  v.object({
    type: v.literal("conversation.handover_ended"),
    conversation: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
  }),
  v.object({
    type: v.literal("conversation.ended"),
    conversation: ConversationView,
  }),
  v.object({
    type: v.literal("chat.updated"),
    chat: ChatView,
  }),
  v.object({
    type: v.literal("chat.message"),
    chat: ChatView,
    message: ChatMessageView,
  }),
]);

export const TimelineEntry: Schema<wire.TimelineEntry> = v.object({
  at: v.number(),
  kind: v.string(),
  actor: v.exactOptional(UserRef),
  private: v.boolean(),
  detail: v.exactOptional(v.string()),
  text: v.string(),
});

export const Timeline: Schema<wire.Timeline> = v.object({
  entries: v.array(TimelineEntry),
});

export const TranscriptKind: Schema<wire.TranscriptKind> = v.picklist(["external", "internal"]);

export const TranscriptLine: Schema<wire.TranscriptLine> = v.object({
  at: v.number(),
  private: v.exactOptional(v.boolean()),
  author: v.exactOptional(UserRef),
  text: v.string(),
});

export const TranscriptView: Schema<wire.TranscriptView> = v.object({
  kind: TranscriptKind,
  lines: v.array(TranscriptLine),
});

export const TransferRequest: Schema<wire.TransferRequest> = v.object({
  to: Destination,
  note: v.exactOptional(v.string()),
  consult: v.boolean(),
});

export const TypingRequest: Schema<wire.TypingRequest> = v.object({
  visibility: Visibility,
  typing: v.boolean(),
});

export const WhisperRuleView: Schema<wire.WhisperRuleView> = v.object({
  agents: v.boolean(),
  colleagues: v.boolean(),
  supervisors: v.boolean(),
  skills: v.array(v.string()),
  revision: v.number(),
});
